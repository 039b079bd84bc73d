import base64, json, time, sqlite3
from tests.api.api_server import *

def test_broken(fresh_api, tmp_path):
    api=fresh_api
    ds=api.server.scheduler_manager.get_datastore(); t=ds.tables.jobs
    for col,val in (("trigger","garbage"),("trigger",'{"type":"lunar"}'),("trigger","[]"),("trigger","5"),("args","{{{"),("args","5"),("kwargs","5"),("timezone","Mars/X"),("options","{"),("overlap","x")):
        jid=api.add_job()
        ds.write(lambda c: c.execute(t.update().where(t.c.id==jid).values(**{col:val})))
        print(col,val, [ (m,p,(r:=api.call(m,p,json=b)).status_code, r.text[:150] if r.status_code>=400 else '') for m,p,b in (
            ("GET",f"/api/v1/jobs/{jid}",None),("GET","/api/v1/jobs",None),("GET","/api/v1/jobs?limit=5",None),
            ("PATCH",f"/api/v1/jobs/{jid}",None),("OPTIONS",f"/api/v1/jobs/{jid}",None),
            ("POST",f"/api/v1/jobs/{jid}/skip-next",None),
            ("POST",f"/api/v1/executions/{jid}",None),
            ("GET","/api/v1/executions",None),
            ("PUT",f"/api/v1/jobs/{jid}",{"name":"n","job_class_string":NONE_JOB,"minute":"5"}),
            ("DELETE",f"/api/v1/jobs/{jid}",None)) if 1])
        api.call("DELETE",f"/api/v1/jobs/{jid}")
    for cur in ([0,5,"\x00"],[0,5,"\ud800"],[0,5,"x"],[True,5,"x"],[1.0,5,"x"],[0,True,"x"],[[],5,"x"]):
        c=base64.urlsafe_b64encode(json.dumps(cur).encode()).decode()
        r=api.get("/api/v1/jobs?cursor="+c); print(cur, r.status_code, r.text[:100] if r.status_code>=400 else '')
    jid=api.add_job()
    ds.write(lambda c: c.execute(t.update().where(t.c.id==jid).values(name="\ud83d x")) if 0 else None)
    conn=sqlite3.connect(tmp_path/"datastore.db", isolation_level=None)
    conn.execute("begin immediate")
    t0=time.time(); r=api.call("PATCH",f"/api/v1/jobs/{jid}"); print(r.status_code,r.text,dict(r.headers),time.time()-t0)
    conn.execute("rollback"); conn.close()
    assert 0
