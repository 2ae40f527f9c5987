"""Registers the handbook's macros with the mkdocs-macros plugin; what they print is made in scripts/kb."""

import sys
from functools import wraps
from pathlib import Path
from types import SimpleNamespace

from mkdocs.exceptions import Abort

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "scripts"))


def define_env(env):
    """Load and check the records, then offer each macro to the pages. The plugin calls it before every build."""
    from kb.reuse import Reuse, code_of, serving

    # While the site is served, a change in scripts/ must be seen too: import the modules anew.
    # Only kb.reuse stays: it keeps what the last build made.
    code = code_of(ROOT)
    for name in [name for name in sys.modules if name.partition(".")[0] == "kb" and name != "kb.reuse"]:
        del sys.modules[name]
    from kb import forms, search
    from kb.abbreviations import FirstUse
    from kb.fences import custom_fences
    from kb.model import KINDS
    from kb.pages import expand
    from kb.printed import PrintedHtml
    from kb.render import MACROS, View, tooltips
    from kb.rules import check, in_words
    from kb.sections import SectionLinks
    from kb.tables import NamedTables

    catalogue, problems = check(ROOT)
    if errors := [problem for problem in problems if not problem.warning]:
        raise Abort("\n".join(map(str, errors)))
    # Written here and not in a file of abbreviations: the latter is parsed again on every page.
    env.conf["mdx_configs"]["abbr"] = {"glossary": tooltips(catalogue)}
    env.conf["mdx_configs"]["pymdownx.superfences"] = {"custom_fences": custom_fences()}
    printed = PrintedHtml()
    env.conf["markdown_extensions"] += [FirstUse(), NamedTables(), SectionLinks(), printed]

    def on_page(macro):
        @wraps(macro)
        def call(*arguments):
            page = env.page
            conf = env.conf
            view = View(catalogue, page.file.src_uri, page.meta, conf["use_directory_urls"], in_words(), conf["extra"])
            return printed.keep(macro(view, *arguments))

        return call

    macros = {name: env.macro(on_page(macro), name) for name, macro in MACROS.items()}

    def begin_page(env):
        printed.pieces.clear()
        # Where a page lists the records of a kind, its foot leads to their file.
        path, kinds = env.page.file.src_uri, KINDS.values()
        env.page.meta["records"] = [f"data/{kind.data}" for kind in kinds if kind.listed == path and not kind.recorded]
        # Our pages hold plain calls only (a rule sees to that), so none is compiled as a template.
        env.env.from_string = lambda text: SimpleNamespace(render=lambda **_: expand(text, macros))

    env.pre_macro_functions.append(begin_page)
    env.catalogue, env.forms, env.search = catalogue, forms, search
    env.reuse = Reuse(ROOT, env.conf, printed.pieces, code) if serving() else None
    if env.reuse:
        env.post_macro_functions.append(env.reuse.after_macros)


def on_post_build(env):
    """Write what is made beside the pages, so that search and forms work while the site is served, too."""
    if env.reuse:
        env.reuse.before_search(env.search)
    site = Path(env.conf["site_dir"])
    for path, text in env.search.files(site, env.catalogue, directory_urls=env.conf["use_directory_urls"]):
        (site / path).parent.mkdir(exist_ok=True)
        (site / path).write_text(text, encoding="utf-8")
    for path, content in env.forms.files(env.catalogue):
        (site / path).parent.mkdir(exist_ok=True)
        (site / path).write_bytes(content)
