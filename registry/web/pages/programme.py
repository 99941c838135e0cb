"""A programme: what it gives to whom, who runs it, and who says so."""

from registry.web.pages.page import Page

PAGE = Page("programme", "/programmes/{reference}", lambda walk, key: {"reference": key}, "programme")
