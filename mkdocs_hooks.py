"""MkDocs's entry to the generated pages: they are made while the site is built, and committed nowhere."""

from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from docs_site.pages import generated
from mockserver.compiler.labels import slug


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Anchors as the contracts name their sources, and the generated pages in the navigation."""
    config.mdx_configs.setdefault("toc", {})["slugify"] = lambda text, separator: slug(text)
    titles: dict[str, list[Any]] = {}
    for page in generated():
        titles.setdefault(page.section, []).append({page.title: page.path})
    assert config.nav is not None
    config.nav = [*config.nav, *({section: pages} for section, pages in titles.items())]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The generated pages beside the written ones."""
    for page in generated():
        files.append(File.generated(config, page.path, content=page.text))
    return files
