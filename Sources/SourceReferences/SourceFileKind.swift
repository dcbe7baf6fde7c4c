/// What a file is that names images: it decides where they are looked for.
public enum SourceFileKind: String, Sendable, CaseIterable {
    /// Kubernetes documents, and all other YAML and JSON: the search rules of the configuration hold.
    case kubernetes
    /// A Compose file: `services.*.image`, volumes of the type `image`.
    case compose
    /// A unit of Podman: `Image=` in `.container`, `.image` and `.volume`.
    case quadlet
    /// One reference a line, `#` begins a comment.
    case list
    /// A Dockerfile or Containerfile: bases of stages, what is copied or mounted from images, defaults of `ARG`.
    case dockerfile
    /// A workflow or an action of GitHub: containers, services, `docker://` in `uses` and `runs.image`.
    case github
    /// A pipeline of GitLab: `image` and `services`, everywhere.
    case gitlab
    /// A pipeline of CircleCI: `docker[].image` of jobs and executors.
    case circleci
    /// Tasks and pipelines of Tekton: steps, sidecars and the template of steps.
    case tekton
    /// A pipeline of Drone: the images of steps and services.
    case drone
    /// A pipeline of Woodpecker: the images of steps and services.
    case woodpecker
    /// A build of Google Cloud Build: `steps[].name`.
    case cloudbuild
    /// A kustomization: `images[]`.
    case kustomize
    /// Values of a Helm chart: maps with `repository`, and `image` as text.
    case helmValues = "helm-values"
}
