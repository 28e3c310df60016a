"""Which addresses are asked at all: the form of the URL, and the place that it leads to."""

import pytest

from knowledge.fetching import FetchRefusedError, target_of
from knowledge.fetching.addresses import refusal

DENIED_ADDRESSES = """
    127.0.0.1 127.8.9.10 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255
    192.168.0.1 192.168.255.255 100.64.0.1 100.127.255.255 169.254.0.1 169.254.169.254
    169.254.170.2 100.100.100.200 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 198.18.0.1
    198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8
    64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 2001::1 2001:db8::1 2002:7f00:1:: 2002:808:808::
    3fff::1 100::1 fc00::1 fd12:3456::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 5f00::1
    2001:10::1 localhost 1 127.1
    """.split()  # noqa: SIM905 (a list of sixty quoted addresses is harder to read)
ALLOWED_ADDRESSES = """
    1.1.1.1 8.8.8.8 9.9.9.9 93.184.215.14 172.15.255.255 172.32.0.1 100.63.255.255 100.128.0.1
    192.167.0.1 2606:4700:4700::1111 2001:4860:4860::8888 2a00:1450:4003::200e
    """.split()  # noqa: SIM905 (as above)
PRIVATE_ADDRESSES = "127.0.0.1 10.0.0.1 172.16.0.1 192.168.1.1 100.64.0.1 ::1 fd12::1".split()  # noqa: SIM905 (as above)
DENIED_FORMS = """
    file:///etc/passwd ftp://example.org/ gopher://example.org/ dict://example.org:11211/ data:,x
    javascript:alert(1) //example.org/ example.org http:example.org http:///x https:// http://?
    http://ana@example.org/ http://ana:secret@example.org/ http://example.org@127.0.0.1/
    http://2130706433/ http://0x7f000001/ http://0x7f.0.0.1/ http://0177.0.0.1/ http://127.1/
    http://127.0.1/ http://127.0.0.01/ http://127.0.0.1.2/ http://1.2.3.0x4/ http://[::1%25eth0]/
    http://[::1 http://[zz]/ http://exa%6dple.org/ http://example.org:99999/ http://example.org:0/
    http://example.org:x/ http://-example.org/ http://example..org/ http://exam_ple!.org/
    http://example.org\\@127.0.0.1/ http://ex|ample.org/
    """.split()  # noqa: SIM905 (as above)


@pytest.mark.parametrize("address", DENIED_ADDRESSES)
def test_addresses_that_are_not_everybodys_are_refused(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize("address", ALLOWED_ADDRESSES)
def test_addresses_of_the_whole_world_may_be_asked(address: str) -> None:
    assert not refusal(address)


@pytest.mark.parametrize("address", sorted({*DENIED_ADDRESSES} - {*PRIVATE_ADDRESSES}))
def test_naming_a_host_opens_private_addresses_and_nothing_else(address: str) -> None:
    private = ("127.", "10.", "172.", "192.168.", "100.64.", "100.127.", "fc00::", "fd12:")
    is_private = address.startswith(private) and address != "127.1"
    assert bool(refusal(address, private_allowed=True)) != is_private


@pytest.mark.parametrize("address", PRIVATE_ADDRESSES)
def test_the_private_addresses_of_a_named_host_may_be_asked(address: str) -> None:
    assert refusal(address)
    assert not refusal(address, private_allowed=True)


@pytest.mark.parametrize("url", DENIED_FORMS)
def test_forms_that_programs_read_in_different_ways_are_refused(url: str) -> None:
    with pytest.raises(FetchRefusedError) as caught:
        target_of(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("sign", ["\n", "\r", "\t", " ", "\x00", "\\", "\x7f"])
def test_signs_that_no_address_has_are_refused(sign: str) -> None:
    with pytest.raises(FetchRefusedError):
        target_of(f"http://example.org/{sign}x")


def test_very_long_addresses_are_refused() -> None:
    with pytest.raises(FetchRefusedError):
        target_of("http://example.org/" + "x" * 10_000)


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("https://example.org:443/a?b#c", "https://example.org/a?b"),
        ("http://example.org.:8080/a", "http://example.org:8080/a"),
        ("http://[2606:4700:0::1]:80/", "http://[2606:4700::1]/"),
        ("http://münchen.example/año?q=ñ", "http://xn--mnchen-3ya.example/a%C3%B1o?q=%C3%B1"),
        ("http://8.8.8.8/%20", "http://8.8.8.8/%20"),
        ("http://１.１.１.１/", "http://1.1.1.1/"),
        ("http://7z.example/", "http://7z.example/"),
    ],
)
def test_an_address_has_one_form(url: str, whole: str) -> None:
    assert target_of(url).url == whole


def test_the_usual_ports_of_http_and_https_are_one_place() -> None:
    assert target_of("http://a.example/").place == target_of("https://a.example/").place
    assert target_of("http://a.example:443/").place == "a.example:443"
