import ContainerImage
import ImageStore
import RegistryMirroring

/// Mirrors that several processes copy. Tags are set, and noted, by the last run alone: until then all processes have the
/// same plan, and divide it in the same way.
extension MirroringWorkflow {
    /// Copies the part of the images of `plan` that is in a shard, without tags.
    func run(
        _ plan: MirrorPlan,
        _ shard: Shard,
        in registry: any ImageRegistry,
        progress: TransferProgress?
    ) async throws -> MirrorPlan {
        var (part, copy) = try await part(of: plan, shard, in: registry, progress: progress)
        let failed = try await copy.run(part.actions, progress: progress)
        part.failures += failed.map(\.failure)
        let lost = Set(failed.map(\.action))
        part.actions.removeAll(where: lost.contains)
        return part
    }

    /// What of `plan` is in a shard.
    func part(
        of plan: MirrorPlan,
        _ shard: Shard,
        in registry: any ImageRegistry,
        progress: TransferProgress?
    ) async throws -> (plan: MirrorPlan, copy: MirrorCopy) {
        let copy = MirrorCopy(document, in: registry, options, noting: nil, log: context.log)
        let (own, unread) = try await copy.part(plan.copies, of: shard, progress: progress)
        var part = plan
        part.actions = own
        part.failures += unread.map(\.failure)
        return (part, copy)
    }
}
