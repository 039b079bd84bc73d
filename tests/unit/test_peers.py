"""The rule of CURL_JOB_ALLOW, address by address."""

from __future__ import annotations

import pytest

from ndscheduler.corescheduler.errors import PeerRefused
from ndscheduler.tools.peers import Peers

METADATA = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.0.0",
    "169.254.255.255",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fe80::1",
    "fe80::a9fe:a9fe%eth0",
    "febf::1",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "fd00:42::42",
]
NO_DESTINATION = ["0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0"]
# 169.254.169.254, as IPv6 carries it.
IN_IPV6 = {
    "mapped": "::ffff:169.254.169.254",
    "compatible": "::169.254.169.254",
    "translated": "::ffff:0:169.254.169.254",
    "NAT64": "64:ff9b::a9fe:a9fe",
    "NAT64, local /96": "64:ff9b:1::a9fe:a9fe",
    "NAT64, local /64": "64:ff9b:1:0:a9:fea9:fe00:0",
    "NAT64, local /56": "64:ff9b:1:a9:fe:a9fe::",
    "NAT64, local /48": "64:ff9b:1:a9fe:a9:fe00::",
    "6to4": "2002:a9fe:a9fe::1",
    "Teredo server": "2001:0:a9fe:a9fe::1",
    "Teredo client": "2001:0:101:101:0:0:5601:5601",
    "ISATAP": "2001:db8::5efe:169.254.169.254",
    "ISATAP, global": "2001:db8::200:5efe:169.254.169.254",
}
INTERNAL = [
    "127.0.0.1",
    "10.0.0.5",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.253.255.255",
    "169.255.0.0",
    "93.184.216.34",
    "::1",
    "fd12:3456::1",
    "2001:db8::1",
    "::ffff:10.0.0.5",
    "64:ff9b::a00:5",
    "64:ff9b:1::a00:5",
    "2002:a00:5::1",
    "fec0::1",
]


def is_refused(address: str, allow: list[str] | None = None) -> bool:
    try:
        Peers(allow).check(address, "host")
    except PeerRefused:
        return True
    return False


@pytest.mark.parametrize("address", [*METADATA, *NO_DESTINATION, *IN_IPV6.values()])
@pytest.mark.parametrize("allow", [None, ["0.0.0.0/0", "::/0"], ["100.64.0.0/10", "fc00::/7"]])
def test_no_metadata_service_is_reached_without_being_named(
    address: str, allow: list[str] | None
) -> None:
    assert is_refused(address, allow)


@pytest.mark.parametrize("address", INTERNAL)
def test_internal_services_are_reached_by_default(address: str) -> None:
    assert not is_refused(address)


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("169.254.169.254", "169.254.169.254"),
        ("169.254.169.254", "::ffff:169.254.169.254"),
        ("169.254.0.0/16", "169.254.10.1"),
        ("100.100.100.200/32", "100.100.100.200"),
        ("fe80::/64", "fe80::1%eth0"),
        ("fe80::/10", "fe80::1"),
        ("fd00:ec2::254", "fd00:ec2::254"),
        ("0.0.0.0", "0.0.0.0"),
    ],
)
def test_an_entry_that_is_there_on_purpose_frees_a_guarded_address(
    entry: str, address: str
) -> None:
    assert not is_refused(address, [entry])


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("169.254.10.0/24", "169.254.169.254"),
        ("169.254.0.0/15", "169.254.169.254"),
        ("169.254.169.254", "64:ff9b::a9fe:a9fe"),
        ("64:ff9b::a9fe:a9fe", "64:ff9b::a9fe:a9fe"),
    ],
)
def test_an_entry_frees_no_other_guarded_address(entry: str, address: str) -> None:
    assert is_refused(address, [entry])


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("10.0.0.0", False),
        ("10.255.255.255", False),
        ("::ffff:10.0.0.5", False),
        ("192.168.1.7", False),
        ("fd12::1", False),
        ("192.168.200.200", False),
        ("192.168.1.8", True),
        ("11.0.0.0", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("fd13::1", True),
        ("64:ff9b::a00:5", True),
        ("::10.0.0.5", True),
    ],
)
def test_only_what_the_list_holds_is_reached_where_there_is_one(
    address: str, refused: bool
) -> None:
    allow = ["10.0.0.0/8", "192.168.1.7", "fd12::1/16", "::ffff:192.168.200.200/128"]

    assert is_refused(address, allow) == refused


def test_an_empty_list_lets_nothing_through() -> None:
    assert is_refused("10.0.0.5", [])


def test_a_refusal_names_address_host_and_setting() -> None:
    with pytest.raises(PeerRefused) as guarded:
        Peers(None).check("169.254.169.254", "metadata.google.internal")
    with pytest.raises(PeerRefused) as outside:
        Peers(["10.0.0.0/8"]).check("11.0.0.1", "11.0.0.1")

    assert str(guarded.value) == (
        "No connection is made to 169.254.169.254, which is 'metadata.google.internal', unless "
        "CURL_JOB_ALLOW names it: it is link-local, cloud metadata or 0.0.0.0."
    )
    assert str(outside.value) == (
        "No connection is made to 11.0.0.1 since CURL_JOB_ALLOW does not hold it."
    )
