"""Pages for people. A page and the API cannot disagree: each page asks the same graph, in process.

How to add the page `companies`:

1. `companies.graphql` here: one query. It takes `$language: Language!, $asOf: Date, $knownOn: DateTime`, spreads
   `...Frame` and asks everything else within `at(date: $asOf, knownAt: $knownOn) { date knownAt … }`. Fragments that
   pages share stand in `fragments.graphql`; a fact comes with `citations { ...Mark }`, an agreement in a list with
   `...Row`.
2. `companies.py` here: `PAGE = Page("companies", "/companies", variables, subject, shape)`. `variables(walk, key)`
   turns the address into variables; `subject` names the field without which the page is not found; `shape(data,
   walk)` adds what a template cannot work out (groups, axes). Neither reads anything: what a page shows is in its
   query.
3. `templates/companies.html` extends `layout.html` and is made of the macros of `parts.html` (badge, sources, strip,
   bar, quota_list, placement_table, deadline_list, gap_list, empty, more, pager). Fields of `at` are there by name.
4. Add `companies.PAGE` to `PAGES` below. From then on the navigation, and every `linked(name, "company", reference)`
   that waited for such a page, lead to it: `to(page, key)` gives an address or none. Links are made by `to`, `href`
   and `here` only; they keep the language, the day and the moment. Forms send along `walk.others(…)`.
5. Every word is `_("…")` or `{% trans %}`, every code `value | code("Enumeration")`, every date, period, number and
   share goes through its filter; translations are in `registry/locale/*/pages.po` and `labels.po`.
   `tests/web/test_translations.py` finds the rest.
6. An address of it in `tests/web/addresses.py`: pages and browser are then tested with it, in every language and
   view.
"""

from registry.web.pages import (
    agreement,
    agreements,
    changes,
    companies,
    company,
    compare,
    countries,
    country,
    deadlines,
    engagement,
    engagements,
    gaps,
    home,
    institution,
    institutions,
    programme,
    programmes,
    search,
    sector,
    sectors,
    source,
    sources,
    statistics,
    utilisation,
)
from registry.web.pages.page import Page
from registry.web.pages.rendering import ADDRESSES

#: All pages; an address with a place comes after those that it would also fit.
PAGES: tuple[Page, ...] = (
    home.PAGE,
    countries.PAGE,
    country.PAGE,
    agreements.PAGE,
    agreement.PAGE,
    companies.PAGE,
    company.PAGE,
    sectors.PAGE,
    sector.PAGE,
    institutions.PAGE,
    institution.PAGE,
    programmes.PAGE,
    programme.PAGE,
    engagements.PAGE,
    engagement.PAGE,
    deadlines.PAGE,
    gaps.PAGE,
    search.PAGE,
    statistics.PAGE,
    utilisation.PAGE,
    sources.PAGE,
    source.PAGE,
    changes.PAGE,
    compare.PAGE,
)

ADDRESSES.update({page.name: page.path for page in PAGES})
