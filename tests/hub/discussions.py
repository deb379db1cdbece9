"""The pull requests of the loopback Hub: what its client creates, lists, opens, closes and merges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.http import Answer, Refusal, Request, reply
from tests.hub.repository import DATE, PullRequest, Repository

if TYPE_CHECKING:
    from tests.hub.server import LoopbackHub

PER_PAGE = 2


def create(hub: LoopbackHub, request: Request, repo: str) -> Answer:
    """Every user who can read a repository may open a pull request."""
    repository = hub.readable(request, repo)
    title = request.json["title"]
    if not (request.json["pullRequest"] and 3 <= len(title) <= 200):
        raise Refusal(400, "this Hub has pull requests only, with titles of 3 to 200 characters")
    return reply(_describe(repo, repository.open_pull_request(title, hub.name_user(request))))


def list_page(hub: LoopbackHub, request: Request, repo: str) -> Answer:
    """Newest first, two to a page."""
    authors = request.query.get("author")
    listed = [
        _describe(repo, pull_request)
        for pull_request in reversed(hub.readable(request, repo).pull_requests)
        if authors is None or pull_request.author in authors
    ]
    start = PER_PAGE * int(request.query.get("p", ["0"])[0])
    return reply({"discussions": listed[start : start + PER_PAGE], "count": len(listed), "start": start})


def show(hub: LoopbackHub, request: Request, repo: str, number: str) -> Answer:
    repository = hub.readable(request, repo)
    pull_request = _find(repository, number)
    changes = {"base": "refs/heads/main"}
    if pull_request.merge_commit is not None:
        changes["mergeCommitId"] = pull_request.merge_commit
    conflicts = repository.find_conflicts(pull_request)
    details = {"events": [], "filesWithConflicts": conflicts, "changes": changes, "diff": ""}
    return reply({**_describe(repo, pull_request), **details})


def change_status(hub: LoopbackHub, request: Request, repo: str, number: str) -> Answer:
    pull_request = _find(hub.writable(request, repo), number)
    if pull_request.status == "merged":
        raise Refusal(400, "a merged pull request stays merged")
    pull_request.status = request.json["status"]
    event = {"id": "0" * 12, "type": "status-change", "createdAt": DATE, "author": {"name": "somebody"}}
    return reply({"newStatus": {**event, "data": {"status": pull_request.status}}})


def merge(hub: LoopbackHub, request: Request, repo: str, number: str) -> Answer:
    repository = hub.writable(request, repo)
    pull_request = _find(repository, number)
    if pull_request.status != "open":
        raise Refusal(400, f"this pull request is {pull_request.status}, so that it cannot be merged")
    if repository.branches[pull_request.reference] == pull_request.base:
        raise Refusal(400, "this pull request has no associated changes")
    if conflicts := repository.find_conflicts(pull_request):
        raise Refusal(400, f"this pull request has conflicts with main: {', '.join(conflicts)}")
    repository.merge(pull_request)
    return reply({})


def _find(repository: Repository, number: str) -> PullRequest:
    if not 1 <= int(number) <= len(repository.pull_requests):
        raise Refusal(404, "Discussion not found")
    return repository.pull_requests[int(number) - 1]


def _describe(repo: str, pull_request: PullRequest) -> dict[str, Any]:
    return {
        "num": pull_request.number,
        "title": pull_request.title,
        "author": {"name": pull_request.author},
        "createdAt": DATE,
        "status": pull_request.status,
        "repo": {"name": repo, "type": "dataset"},
        "isPullRequest": True,
    }
