"""Whatever `serve` can be told on the command line it can be told in the environment."""

from typing import Any

import click
import pytest

from mockserver.cli.serve import serve

SAID = {
    "--host": ("0.0.0.0", "0.0.0.0"),
    "--port": ("8000", 8000),
    "--contract": ("a, b", ("a", "b")),
    "--spec": (__file__, __file__),
    "--world": ("empty", "empty"),
    "--seed": ("7", "7"),
    "--pace": ("poll", "poll"),
    "--speed": ("20", 20.0),
    "--keys": ("minted", "minted"),
    "--strict": ("true", True),
    "--url-seconds": ("60", 60),
    "--webhook-host": ("hooks.internal web", ("hooks.internal", "web")),
}


def told() -> dict[str, Any]:
    with serve.make_context("serve", []) as context:
        return context.params


def test_every_option_has_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {each.opts[0]: each for each in serve.params if isinstance(each, click.Option)}
    assert options.keys() == SAID.keys()
    for option, (text, _) in SAID.items():
        monkeypatch.setenv(f"MOCKSERVER_{option[2:].replace('-', '_').upper()}", text)
    params = told()
    assert {name: params[options[name].name or ""] for name in options} == {
        name: type(params[options[name].name or ""])(value) for name, (_, value) in SAID.items()
    }


def test_the_address_of_a_service_named_mockserver_is_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_PORT", "tcp://10.0.0.7:8675")
    assert told()["port"] == 8675
    monkeypatch.setenv("MOCKSERVER_PORT", "http")
    with pytest.raises(click.BadParameter) as refused:
        told()
    assert "(env var: 'MOCKSERVER_PORT')" in refused.value.format_message()
