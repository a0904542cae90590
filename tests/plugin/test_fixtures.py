"""The pytest plugin, as a project that uses it sees it: fixtures, options, and what fails a test."""

import subprocess
import sys

import pytest
import yaml  # noqa: F401  # inner runs forget what they import, and its C part cannot be imported twice

OWN = """
    import json
    from urllib.request import Request, urlopen

    def ask(thunderphone, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {**thunderphone.headers, "Content-Type": "application/json"}
        with urlopen(Request(thunderphone.base_url + path, data, headers)) as reply:
            return json.load(reply)
"""
"""The code under test: a client that knows a base URL and a key."""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty project with our plugin and no other, and a client to be tested."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p mockserver.pytest_plugin --strict-markers -p no:cacheprovider")
    pytester.makepyfile(client=OWN)
    return pytester


def test_each_test_has_an_organization_of_its_own_with_ids_of_its_own(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from client import ask

        AGENT = {"name": "A", "prompt": "p", "voice": "v"}

        @pytest.mark.parametrize("turn", [1, 2])
        def test_an_agent_is_alone(thunderphone, turn):
            assert ask(thunderphone, "/v1/agents") == []
            made = ask(thunderphone, "/v1/agents", AGENT)
            assert [each["id"] for each in ask(thunderphone, "/v1/agents")] == [made["id"]]
            print(f"turn {turn} made {made['id']}")
        """
    )
    first = project.runpytest_inprocess("-s")
    first.assert_outcomes(passed=2)
    again = project.runpytest_inprocess("-s", "-k", "2")
    made = [line for line in first.outlines if line.startswith(".turn 2 made")]
    assert made
    assert made[0][1:] in "\n".join(again.outlines), "ids do not depend on which tests ran before"


def test_markers_beat_the_command_line_which_beats_the_configuration(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nthunderphone_world = demo\nthunderphone_pace = manual\n")
    project.makepyfile(
        """
        import pytest
        from client import ask

        def health(thunderphone):
            return ask(thunderphone, "/_mock/health")

        def test_configuration(thunderphone):
            assert ask(thunderphone, "/v1/calls")["total"] == 200
            assert health(thunderphone)["pace"] == "manual"

        @pytest.mark.thunderphone(world="empty", pace="poll", contract="thunderphone-sdk-0.2", seed=7)
        class TestMarked:
            def test_class(self, thunderphone):
                assert ask(thunderphone, "/v1/calls")["total"] == 0
                told = health(thunderphone)
                assert (told["pace"], told["contracts"]) == ("poll", ["thunderphone-sdk-0.2"])

            @pytest.mark.thunderphone(world="demo")
            def test_closest(self, thunderphone):
                assert ask(thunderphone, "/v1/calls")["total"] == 200
                assert health(thunderphone)["pace"] == "poll"

        def test_server_of_the_session(thunderphone_server, thunderphone):
            assert thunderphone_server.base_url == thunderphone.base_url
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=4)
    line = project.runpytest_inprocess("--thunderphone-world=empty", "-k", "test_configuration")
    line.assert_outcomes(failed=1)
    line.stdout.fnmatch_lines(["*assert 0 == 200*"])


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("wrold='demo'", "there is no option 'wrold'. Did you mean world?"),
        ("pace='pol'", "there is no pace 'pol'. Did you mean poll?"),
        ("'demo'", "takes named options only, as world='demo', and not 'demo'"),
        ("contract='thunderphone-2026-05'", "Did you mean thunderphone-2026-04?"),
        ("world='dmeo'", "dmeo"),
    ],
)
def test_a_wrong_option_is_told(project: pytest.Pytester, marker: str, said: str) -> None:
    project.makepyfile(
        f"""
        import pytest

        @pytest.mark.thunderphone({marker})
        def test_it(thunderphone):
            pass
        """
    )
    ran = project.runpytest_inprocess()
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines([f"E *{said}*"])


def test_a_defect_of_the_mock_fails_the_test_that_caused_it_and_no_other(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from urllib.error import HTTPError
        from client import ask

        def test_before(thunderphone):
            pass

        def test_culprit(thunderphone):
            agent = thunderphone.seed("agents", name=["not", "a", "text"])
            try:
                ask(thunderphone, f"/v1/agents/{agent['id']}")
            except HTTPError as error:
                assert error.code == 500

        def test_after(thunderphone):
            pass
        """
    )
    ran = project.runpytest_inprocess()
    ran.assert_outcomes(passed=3, errors=1)
    ran.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_culprit*",
            "E *The mock itself was wrong while it was used:*",
            "E *agents_retrieve*/name*",
        ]
    )


def test_workers_do_not_meet(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from client import ask

        @pytest.mark.parametrize("turn", range(20))
        def test_it(thunderphone, turn):
            placed = thunderphone.place_inbound(scenario="wrong-number")
            thunderphone.settle()
            [call] = ask(thunderphone, "/v1/calls")["results"]
            assert (call["call_id"], call["status"]) == (placed["call_id"], "completed")
        """
    )
    project.runpytest_subprocess("-p", "xdist", "-n", "2").assert_outcomes(passed=20)


def test_the_plugin_imports_nothing_until_a_fixture_is_used() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, pytest; before = set(sys.modules); import mockserver.pytest_plugin; "
            "print(*sorted(set(sys.modules) - before))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["mockserver", "mockserver.pytest_plugin"]
