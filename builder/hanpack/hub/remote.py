"""The remote side of a push: a branch of a dataset repository, read and committed to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, DatasetInfo, HfApi, RepoFile
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

from hanpack.errors import BuildError
from hanpack.hub.changes import Change, Tree, compare
from hanpack.hub.local import CheckedBuild

MAIN = "main"


@dataclass(frozen=True, slots=True)
class RemoteBranch:
    """The branch ``name`` of the dataset repository ``repo_id``, which may not exist yet.

    With ``private`` the repository is created private, and refused if it exists and is public.
    """

    hub: HfApi
    repo_id: str
    name: str
    private: bool

    @property
    def url(self) -> str:
        """The page of the dataset."""
        return f"{self.hub.endpoint}/datasets/{self.repo_id}"

    def make_head(self) -> str:
        """The newest commit of the branch; repository and branch are created if they are missing."""
        hub, repo_id = self.hub, self.repo_id
        information = self._find_repository()
        if information is None:
            # None leaves the choice to the namespace, whose default may be private.
            hub.create_repo(repo_id, repo_type="dataset", private=self.private or None, exist_ok=True)
            information = hub.dataset_info(repo_id)
        self._require_privacy(information)
        if self.name == MAIN:
            return self._require_commit(information.sha)
        try:
            return self.read_head(self.name)
        except RevisionNotFoundError:
            hub.create_branch(repo_id, branch=self.name, repo_type="dataset", exist_ok=True)
            return self.read_head(self.name)

    def find_head(self) -> str | None:
        """The commit that a push would be made upon; None if there is no repository that can be read."""
        information = self._find_repository()
        if information is None:
            return None
        self._require_privacy(information)
        try:
            return information.sha if self.name == MAIN else self.read_head(self.name)
        except RevisionNotFoundError:
            # A new branch begins at main.
            return information.sha

    def _find_repository(self) -> DatasetInfo | None:
        try:
            return self.hub.dataset_info(self.repo_id)
        except GatedRepoError:
            raise
        except RepositoryNotFoundError:
            return None

    def _require_privacy(self, information: DatasetInfo) -> None:
        if self.private and information.private is False:
            raise BuildError(
                "the repository exists and is public, while this push is to be private",
                self.url,
                "make the repository private in its settings, choose another name, or push without private",
            )

    def read_head(self, reference: str) -> str:
        """The newest commit of a branch or of another reference of the repository."""
        return self._require_commit(self.hub.dataset_info(self.repo_id, revision=reference).sha)

    def read_tree(self, commit: str) -> Tree:
        """The files of a commit."""
        entries = self.hub.list_repo_tree(self.repo_id, recursive=True, revision=commit, repo_type="dataset")
        return {entry.path: entry for entry in entries if isinstance(entry, RepoFile)}

    def download(self, path: str, commit: str, folder: Path) -> None:
        """Write a file of a commit to the same path in a folder."""
        self.hub.hf_hub_download(self.repo_id, path, repo_type="dataset", revision=commit, local_dir=folder)

    def commit(
        self,
        build: CheckedBuild,
        change: Change,
        *,
        message: str,
        parent: str,
        reference: str,
        description: str = "",
    ) -> str:
        """Make one commit upon ``parent``, which must be the head of ``reference``; returns the commit.

        The client has the card checked, then uploads the large files, then makes the commit in one request.
        """
        additions = [_add(build, file.path, file.sha256) for file in change.additions]
        deletions = [CommitOperationDelete(path, is_folder=False) for path in change.deletions]
        return self.hub.create_commit(
            self.repo_id,
            [*additions, *deletions],
            commit_message=message,
            commit_description=description,
            repo_type="dataset",
            revision=reference,
            parent_commit=parent,
        ).oid

    def require_whole(self, build: CheckedBuild, commit: str) -> None:
        """Raise a BuildError if a commit does not hold exactly the build."""
        left = compare(build, self.read_tree(commit))
        if left.operations:
            raise BuildError(
                f"commit {commit} was made, but it is not the whole build: {', '.join(left.paths)}",
                self.url,
                "see whether a .gitignore in the repository names these files, remove it, and push again",
            )

    def _require_commit(self, commit: str | None) -> str:
        if commit is None:
            raise BuildError(
                "the repository has no first commit", self.url, "delete the repository and push again"
            )
        return commit


def _add(build: CheckedBuild, path: str, sha256: str) -> CommitOperationAdd:
    operation = CommitOperationAdd(path, str(build.folder / path))
    # Saves the client from reading the file once more to hash it.
    operation.upload_info.sha256 = bytes.fromhex(sha256)
    return operation
