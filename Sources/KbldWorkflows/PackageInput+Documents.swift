import DocumentInput
import Packages

extension PackageInput {
    /// The images of documents among those of the package.
    ///
    /// - Throws: `MissingImagesError` naming those that it lacks.
    func references(in documents: InputDocuments) throws(MissingImagesError) -> UnpackagedReferences {
        switch self {
        case .package(let package): try UnpackagedReferences(documents, package)
        case .stream(let stream):
            try UnpackagedReferences(documents, trees: stream.trees, names: stream.names, metadata: stream.metadata)
        }
    }
}
