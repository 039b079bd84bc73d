"""The settings of logins, as those in `config_sections`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ndscheduler.config_sections import SECRET, Section
from ndscheduler.config_types import (
    CookieName,
    CookieSecret,
    Credentials,
    Days,
    Idle,
    OptionalPath,
    Roles,
    Text,
    Words,
)


class Login(Section):
    """Login"""

    AUTH: Literal["login", "none"] = Field(
        "login",
        description="`login` asks for one, save on a loopback address without any account; "
        "`none` serves everyone who can reach HTTP_ADDRESS.",
    )
    ALLOWED_HOSTS: Words = Field(
        [],
        description="Names under which this server is asked, beside addresses, `localhost`, "
        "HTTP_ADDRESS and the machine's own name, such as that of a proxy before it; `*` is any.",
    )
    AUTH_CREDENTIALS: Credentials = Field(
        {},
        description="Read-only accounts: login name and bcrypt hash, as `ndscheduler "
        "hash-password` prints it, or lines of htpasswd -B.",
        json_schema_extra=SECRET,
    )
    ADMIN_USER: Words = Field(
        [], description="Accounts of AUTH_CREDENTIALS and LDAP that are admins; others are editors."
    )
    SECURE_COOKIE: CookieSecret = Field(
        "",
        description="Key that logins are kept by, at least 24 characters; empty makes one, which "
        "the servers of a database share. Another key logs everybody out.",
        json_schema_extra=SECRET,
    )
    COOKIE_NAME: CookieName = Field(
        "user", description="Name of the login cookie; over HTTPS `__Host-` stands before it."
    )
    COOKIE_MAX_AGE: Days = Field(1, description="Days until a login ends.")
    SESSION_IDLE_SEC: Idle = Field(
        8 * 3600, description="Seconds without a request after which a login ends."
    )


class Ldap(Section):
    """LDAP"""

    LDAP_SERVER: Text = Field(
        "",
        description="URL of the LDAP server, best `ldaps://`; empty asks none. Several, with "
        "spaces between, are tried in turn.",
    )
    LDAP_STARTTLS: bool = Field(
        False, description="Encrypt `ldap://` connections by StartTLS; else passwords are readable."
    )
    LDAP_REQUIRE_CERT: Literal["never", "allow", "try", "demand"] = Field(
        "demand",
        description="How the certificate of the LDAP server is checked; `never` and `allow` take "
        "any.",
    )
    LDAP_CERT_DIR: OptionalPath = Field(
        None, description="Directory of certificates (PEM) of authorities to trust."
    )
    LDAP_CERT_FILE: OptionalPath = Field(
        None,
        description="File of certificates (PEM) of authorities to trust; null is the system's.",
    )
    LDAP_LOGIN_DN: str = Field(
        "uid={username},ou=users,dc=example,dc=com",
        description="Name to bind with; {username} is replaced.",
    )
    LDAP_USERS: Words = Field(
        [],
        description="LDAP users who may log in, as editors. Where this and LDAP_GROUP_ROLES are "
        "empty, all LDAP users may, as viewers.",
    )
    LDAP_GROUP_ROLES: Roles = Field(
        {},
        description="DNs of LDAP groups and the role that each gives: viewer, operator, editor or "
        "admin. The highest counts.",
    )
    LDAP_GROUP_FILTER: str = Field(
        "(|(member={dn})(uniqueMember={dn})(memberUid={username}))",
        description="What holds for a group that a user is in; {dn} is that of the user's entry.",
    )
