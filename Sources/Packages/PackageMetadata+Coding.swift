import ContainerImage

/// What is left out has one list: layers of a delta have sizes, entries of indexes name their index.
extension PackageMetadata {
    private enum CodingKeys: String, CodingKey {
        case names, tags
        case platformFilters = "slimmings"
        case leftOut
        case isDelta = "delta"
        case volume, backup
    }

    private enum LeftOut: Codable {
        case layer(OmittedLayer)
        case entry(AbsentEntry)

        private enum CodingKeys: String, CodingKey {
            case index
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self =
                container.contains(.index)
                ? .entry(try AbsentEntry(from: decoder)) : .layer(try OmittedLayer(from: decoder))
        }

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .layer(let layer): try layer.encode(to: encoder)
            case .entry(let entry): try entry.encode(to: encoder)
            }
        }
    }

    /// Decodes the entry.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        names = try container.decodeIfPresent([TaggedImage].self, forKey: .names)
        tags = try container.decodeIfPresent([TaggedImage].self, forKey: .tags)
        platformFilters = try container.decodeIfPresent([PlatformFilter].self, forKey: .platformFilters)
        volume = try container.decodeIfPresent(Volume.self, forKey: .volume)
        backup = try container.decodeIfPresent(Backup.self, forKey: .backup)
        guard let leftOut = try container.decodeIfPresent([LeftOut].self, forKey: .leftOut) else { return }
        let layers = leftOut.compactMap { if case .layer(let layer) = $0 { layer } else { nil } }
        let entries = leftOut.compactMap { if case .entry(let entry) = $0 { entry } else { nil } }
        // An empty list is a delta that omits nothing. One that has entries alone says so where it is a delta.
        let isDelta = try container.decodeIfPresent(Bool.self, forKey: .isDelta) == true
        omitted = layers.isEmpty && !entries.isEmpty && !isDelta ? nil : layers
        absent = entries.isEmpty ? nil : entries
    }

    /// Encodes what there is to say.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(names, forKey: .names)
        try container.encodeIfPresent(tags, forKey: .tags)
        try container.encodeIfPresent(platformFilters, forKey: .platformFilters)
        try container.encodeIfPresent(volume, forKey: .volume)
        try container.encodeIfPresent(backup, forKey: .backup)
        guard omitted != nil || absent != nil else { return }
        let leftOut = (omitted ?? []).map { LeftOut.layer($0) } + (absent ?? []).map { LeftOut.entry($0) }
        try container.encode(leftOut, forKey: .leftOut)
        if omitted?.isEmpty == true, absent?.isEmpty == false { try container.encode(true, forKey: .isDelta) }
    }
}
