"""MkDocs's entry to the generated pages: they are made while the site is built, and committed nowhere."""

from pathlib import Path
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
    _place_the_rest(config.nav, Path(config.docs_dir))
    config.nav = [*config.nav, *({section: pages} for section, pages in titles.items())]
    return config


def _place_the_rest(nav: list[Any], docs: Path) -> None:
    """Put the written pages that nobody placed in the navigation at the end of its guides."""
    placed = repr(nav)
    guides = next(each["Guides"] for each in nav if "Guides" in each)
    paths = sorted(path.relative_to(docs).as_posix() for path in docs.rglob("*.md"))
    guides += [path for path in paths if repr(path) not in placed]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The generated pages beside the written ones."""
    for page in generated():
        files.append(File.generated(config, page.path, content=page.text))
    return files
