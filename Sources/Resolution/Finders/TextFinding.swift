import KbldConfiguration
import KubernetesYAML

/// What finders see in a text.
enum TextFinding {
    /// All of it is a reference.
    case whole
    /// These parts of it are references, in their order.
    case parts([Range<String.Index>])
    /// It may be YAML or JSON that has references.
    case nested

    /// Looks at a text that no rule is for; nil where no finder wants it.
    init?(_ text: String, in place: Surroundings, _ finders: Set<ImageFinder>) {
        if let field = place.fields.first(where: { $0.path.isEmpty }), let found = Self.field(text, field.form) {
            self = found
        } else if let found = Self.entry(text, in: place, finders) {
            self = found
        } else if finders.contains(.args), let found = Self.argument(text, in: place) {
            self = found
        } else if finders.contains(.oci), let found = Self.field(text, .address) {
            self = found
        } else if finders.contains(.texts), !Self.isRecord(place), Self.mayHoldImages(text, finders) {
            self = .nested
        } else {
            return nil
        }
    }

    private static func field(_ text: String, _ form: CustomResourceFields.Form) -> TextFinding? {
        switch form {
        case .reference: return ReferenceShape.isReference(text) ? .whole : nil
        case .assignment: return assignments(in: text)
        case .address:
            for scheme in ["oci://", "docker://"] where text.hasPrefix(scheme) {
                let start = text.utf8.index(text.startIndex, offsetBy: scheme.utf8.count)
                return ReferenceShape.isReference(text[start...]) && text[start...].contains("/")
                    ? .parts([start..<text.endIndex]) : nil
            }
            return nil
        }
    }

    /// The value of a map's key.
    private static func entry(_ text: String, in place: Surroundings, _ finders: Set<ImageFinder>) -> TextFinding? {
        guard case .map(let map) = place.container else { return nil }
        if place.outerKey == "annotations", !isRecord(place), finders.contains(.annotations) {
            if place.key == "artifacthub.io/images" || place.key == "helm.sh/images" { return .nested }
            if place.key.lowercased().contains("image"), ReferenceShape.isImage(text) { return .whole }
        }
        let name = place.key == "value" ? map["name"]?.stringValue ?? "" : place.key
        if finders.contains(.env), isVariable(name) {
            if ReferenceShape.isImage(text) { return .whole }
            if name.hasSuffix("_IMAGES"), let found = assignments(in: text) { return found }
        }
        if finders.contains(.crds), place.isInGroup, place.outerKey != "annotations", place.outerKey != "labels" {
            if CustomResourceFields.isImageKey(place.key), ReferenceShape.isImage(text) { return .whole }
            // A parameter that is named after an image, or of Tekton's resolver of bundles.
            if place.outerKey != "env", place.key == "value" || place.key == "default",
                map["name"]?.stringValue?.lowercased().contains("image") == true,
                ReferenceShape.isImage(text)
            {
                return .whole
            }
            if place.key == "value", name == "bundle", ReferenceShape.isExplicit(text) { return .whole }
        }
        if finders.contains(.texts), place.outerKey == "data", place.kind == "ConfigMap",
            ReferenceShape.isPinned(text)
                || place.key.lowercased().contains("image") && ReferenceShape.isImage(text)
        {
            return .whole
        }
        return nil
    }

    /// Whether an environment variable is named as those are that name images.
    private static func isVariable(_ name: String) -> Bool {
        (name.hasPrefix("RELATED_IMAGE_") || name.hasSuffix("_IMAGE") || name.hasSuffix("_IMAGES") || name == "IMAGE"
            || name.contains("_IMAGE_"))
            && name.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || $0 == UInt8(ascii: "_") }
    }

    /// A flag for an image with its reference, as one word or as two.
    private static func argument(_ text: String, in place: Surroundings) -> TextFinding? {
        guard place.key == "args" || place.key == "command", case .list(let list, let position) = place.container else {
            return nil
        }
        if text.hasPrefix("-"), let equals = text.firstIndex(of: "=") {
            let value = text[text.index(after: equals)...]
            let isNamed = text[..<equals].lowercased().contains("image")
            guard
                isNamed
                    ? isNamedValue(value) : ReferenceShape.isExplicit(value) && !ReferenceShape.endsLikeAddress(value)
            else { return nil }
            return .parts([value.startIndex..<text.endIndex])
        }
        guard position > 0, let flag = list[position - 1].stringValue, flag.hasPrefix("-"), !flag.contains("="),
            flag.lowercased().contains("image"), isNamedValue(text) || GoImport(text) != nil
        else { return nil }
        return .whole
    }

    /// Whether the value of a flag that is named after an image is one; `on:true` isn't.
    private static func isNamedValue(_ text: some StringProtocol) -> Bool {
        ReferenceShape.isExplicit(text) || text.contains("/") && ReferenceShape.isReference(text)
    }

    /// References after `NAME=`, or alone, with white space, commas or semicolons between them.
    private static func assignments(in text: String) -> TextFinding? {
        let parts = text.split { $0.isWhitespace || $0 == "," || $0 == ";" }.compactMap {
            word -> Range<String.Index>? in
            let start = word.lastIndex(of: "=").map { text.index(after: $0) } ?? word.startIndex
            return ReferenceShape.isExplicit(text[start..<word.endIndex]) ? start..<word.endIndex : nil
        }
        return parts.isEmpty ? nil : .parts(parts)
    }

    /// Whether this is what a program noted of the resource.
    private static func isRecord(_ place: Surroundings) -> Bool {
        place.outerKey == "annotations"
            && [ImagesAnnotation.key, "kubectl.kubernetes.io/last-applied-configuration"].contains(place.key)
    }

    /// Whether a text has several lines or is JSON, and a word in it that stands before images.
    private static func mayHoldImages(_ text: String, _ finders: Set<ImageFinder>) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count > 8 else { return false }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || bytes.contains(10) else { return false }
        var text = text
        return text.withUTF8 { bytes in
            contains(bytes, "image") || contains(bytes, "IMAGE") || contains(bytes, "Image")
                || finders.contains(.objects) && contains(bytes, "repository")
                || finders.contains(.oci) && contains(bytes, "oci://")
        }
    }

    private static func contains(_ bytes: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard bytes.count >= length else { return false }
        return word.withUTF8Buffer { word in
            var position = 0
            while position <= bytes.count - length {
                if bytes[position] == word[0], bytes[position..<(position + length)].elementsEqual(word) { return true }
                position += 1
            }
            return false
        }
    }
}
