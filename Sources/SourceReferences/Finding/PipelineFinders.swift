import KubernetesYAML

/// Where files have references, other than Kubernetes documents, by kind. Each is given the value of a document.
enum PipelineFinders {
    /// Compose: images of services, but for those that are built, and of volumes.
    static func compose(_ root: YAMLCursor) -> [Finding] {
        var found: [Finding] = []
        // Files of the first version have their services at the top.
        let services = root["services"] ?? root
        for (_, service) in services.entries where service.isMap {
            // The image of a service with a build is what the build is called.
            if service["build"] == nil { found.add(service["image"]) }
            for volume in service["volumes"]?.items ?? [] where volume["type"]?.text == "image" {
                found.add(volume["source"])
            }
        }
        return found
    }

    /// GitHub: workflows and actions.
    static func github(_ root: YAMLCursor) -> [Finding] {
        var found: [Finding] = []
        for (_, job) in root["jobs"]?.entries ?? [] {
            found.addNamed(job["container"], key: "image")
            for (_, service) in job["services"]?.entries ?? [] { found.add(service["image"]) }
            for step in job["steps"]?.items ?? [] { found.addDocker(step["uses"]) }
        }
        found.addDocker(root["runs"]?["image"])
        for step in root["runs"]?["steps"]?.items ?? [] { found.addDocker(step["uses"]) }
        return found
    }

    /// GitLab: at the top, in `default` and in all jobs.
    static func gitlab(_ root: YAMLCursor) -> [Finding] {
        var found: [Finding] = []
        func add(_ job: YAMLCursor) {
            found.addNamed(job["image"], key: "name")
            for service in job["services"]?.items ?? [] { found.addNamed(service, key: "name") }
        }
        add(root)
        for (key, job) in root.entries where job.isMap && !gitlabKeywords.contains(key) { add(job) }
        return found
    }

    /// What is at the top of GitLab's pipelines and is no job, whatever is in it.
    private static let gitlabKeywords: Set = ["variables", "workflow", "include", "image", "cache", "spec", "stages"]

    /// CircleCI: jobs and executors, those of orbs in the file included.
    static func circleci(_ root: YAMLCursor) -> [Finding] {
        var found: [Finding] = []
        func add(_ part: YAMLCursor) {
            for section in ["jobs", "executors"] {
                for (_, value) in part[section]?.entries ?? [] {
                    for container in value["docker"]?.items ?? [] { found.add(container["image"]) }
                }
            }
        }
        add(root)
        for (_, orb) in root["orbs"]?.entries ?? [] where orb.isMap { add(orb) }
        return found
    }

    /// Drone and Woodpecker: steps and services, as a list or by name.
    static func steps(_ root: YAMLCursor) -> [Finding] {
        var found: [Finding] = []
        for section in ["clone", "steps", "pipeline", "services"] {
            for step in root[section]?.values ?? [] where step.isMap { found.add(step["image"]) }
        }
        return found
    }

    /// Google Cloud Build: the names of steps are images.
    static func cloudbuild(_ root: YAMLCursor) -> [Finding] {
        var found: [Finding] = []
        for step in root["steps"]?.items ?? [] { found.add(step["name"]) }
        return found
    }

    /// Tekton: steps, sidecars and the template of steps, in tasks wherever those are written.
    static func tekton(_ root: YAMLCursor) -> [Finding] {
        var found: [Finding] = []
        if let spec = root["spec"] {
            if root["kind"]?.text == "StepAction" { found.add(spec["image"]) }
            addTask(spec, to: &found)
        }
        return found
    }

    private static func addTask(_ spec: YAMLCursor, to found: inout [Finding]) {
        found.add(spec["stepTemplate"]?["image"])
        for section in ["steps", "sidecars"] {
            for step in spec[section]?.items ?? [] { found.add(step["image"]) }
        }
        if let task = spec["taskSpec"] { addTask(task, to: &found) }
        for pipeline in [spec, spec["pipelineSpec"]].compactMap(\.self) {
            for section in ["tasks", "finally"] {
                for task in pipeline[section]?.items ?? [] {
                    if let task = task["taskSpec"] { addTask(task, to: &found) }
                }
            }
        }
    }

    /// Kustomize: the list of images.
    static func kustomize(_ root: YAMLCursor) -> [Finding] {
        (root["images"]?.items ?? []).filter { $0["name"]?.text != nil }.map { Finding($0, .kustomize) }
    }

    /// Helm: maps with a repository and a tag or digest, and images as text, at any depth.
    static func helm(_ root: YAMLCursor) -> [Finding] {
        var found: [Finding] = []
        addValues(root, to: &found)
        return found
    }

    private static func addValues(_ value: YAMLCursor, to found: inout [Finding]) {
        // What an alias is for is looked at where it is written.
        for child in value.values where child.written == child.position { addValues(child, to: &found) }
        guard value.isMap else { return }
        let hasParts = value["tag"] != nil || value["digest"] != nil
        for key in ["repository", "image"] where value[key]?.stringValue != nil {
            let isWhole = value[key]?.text.flatMap { try? WrittenReference($0) }.map {
                $0.tag != nil || $0.digest != nil
            }
            if key == "image", !hasParts || isWhole == true {
                found.add(value[key])
            } else if hasParts, value.entry(key) != nil {
                found.append(Finding(value, .helm(repositoryKey: key)))
                return
            }
        }
    }
}
