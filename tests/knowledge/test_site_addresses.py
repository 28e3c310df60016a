"""The one form in which the addresses of a website are written."""

import pytest

from knowledge.sources.website.site import Site, site_of

SITE = site_of("https://wiki.example/start", also=["docs.example", "http://old.example:8080/"])


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("b", "https://wiki.example/a/b"),
        ("/b#part", "https://wiki.example/b"),
        ("../c/./d/..", "https://wiki.example/c/"),
        ("/../..", "https://wiki.example/"),
        ("?q=1", "https://wiki.example/a/?q=1"),
        ("//docs.example//x//y", "https://docs.example/x//y"),
        ("HTTP://WIKI.example:80/B", "https://wiki.example/B"),
        ("http://old.example:8080", "http://old.example:8080/"),
        ("/a b\n/c", "https://wiki.example/a%20b/c"),
        ("/%7euser/%c3%b1/ñ", "https://wiki.example/~user/%C3%B1/%C3%B1"),
        ("/b?utm_source=x&id=2&FBCLID=3&z", "https://wiki.example/b?id=2&z"),
        ("/b?utm_source=x", "https://wiki.example/b"),
        ("/b;jsessionid=12AB?x=1", "https://wiki.example/b?x=1"),
        ("/b?", "https://wiki.example/b"),
        ("http://elsewhere.example/", ""),
        ("https://wiki.example:444/", ""),
        ("https://ana@wiki.example/", ""),
        ("mailto:ana@wiki.example", ""),
        ("javascript:void(0)", ""),
        ("http://[", ""),
        ("/picture.PNG", ""),
        ("/app.js?v=1", ""),
        ("/feed.rss", ""),
        ("/report.pdf", "https://wiki.example/report.pdf"),
    ],
)
def test_an_address_is_written_in_one_form_or_is_not_of_the_site(
    address: str, canonical: str
) -> None:
    assert SITE.canonical(address, base="https://wiki.example/a/") == canonical
    assert not canonical or SITE.canonical(canonical) == canonical


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://wiki.example/", "/."),
        ("http://wiki.example/a/b/", "/a/b"),
        ("https://wiki.example/a.html?x=1", "/a.html?x=1"),
        ("https://wiki.example/?x=1", "/.?x=1"),
        ("https://wiki.example/a?back=/b/", "/a?back=/b%2F"),
        ("https://docs.example/", "//docs.example/."),
        ("https://old.example:8080/a/", "//old.example:8080/a"),
    ],
)
def test_a_page_has_one_path_which_leads_back_to_it(url: str, path: str) -> None:
    assert SITE.path_of(url) == path
    assert SITE.path_of(SITE.url_of(path)) == path


def test_patterns_are_beginnings_or_have_stars() -> None:
    site = Site(SITE.start, SITE.places, only=("/docs", "/*/help/*"), skip=("*print=*",))
    wanted = ["/docs/a", "/docs", "/blog/help/x"]
    unwanted = ["/", "/blog/x", "/docs/a?print=1"]
    assert all(site.wants(f"https://wiki.example{path}") for path in wanted)
    assert not any(site.wants(f"https://wiki.example{path}") for path in unwanted)


def test_notes_of_another_site_do_not_count() -> None:
    assert SITE.fingerprint != site_of("https://wiki.example/start").fingerprint
    assert SITE.holds("https://docs.example/x.png")
    assert not SITE.holds("file:///etc/passwd")
