import HTTPTypes
import Hummingbird
import NIOCore

/// A refusal, with its code: OCI distribution specification, "Error Codes".
struct RegistryFault: Error {
    let status: HTTPResponse.Status
    let code: String
    let message: String

    static let notFound = RegistryFault(status: .notFound, code: "NOT_FOUND", message: "there is nothing here")
    static let unsupported = RegistryFault(
        status: .methodNotAllowed,
        code: "UNSUPPORTED",
        message: "the operation is not supported"
    )

    static func nameInvalid(_ name: String) -> Self {
        Self(status: .badRequest, code: "NAME_INVALID", message: "'\(name)' is not a repository's name")
    }
    static func nameUnknown(_ name: String) -> Self {
        Self(status: .notFound, code: "NAME_UNKNOWN", message: "there is no repository '\(name)'")
    }
    static func tagInvalid(_ tag: String) -> Self {
        Self(status: .badRequest, code: "TAG_INVALID", message: "'\(tag)' is not a tag")
    }
    static func digestInvalid(_ text: String) -> Self {
        Self(status: .badRequest, code: "DIGEST_INVALID", message: "'\(text)' is not the digest of the content")
    }
    static func blobUnknown(_ digest: String) -> Self {
        Self(status: .notFound, code: "BLOB_UNKNOWN", message: "there is no blob \(digest)")
    }
    static func manifestUnknown(_ reference: String) -> Self {
        Self(status: .notFound, code: "MANIFEST_UNKNOWN", message: "there is no manifest \(reference)")
    }
    static func manifestBlobUnknown(_ digest: String) -> Self {
        Self(
            status: .notFound,
            code: "MANIFEST_BLOB_UNKNOWN",
            message: "the manifest refers to \(digest), which isn't here"
        )
    }
    static func manifestInvalid(_ reason: String) -> Self {
        Self(status: .badRequest, code: "MANIFEST_INVALID", message: reason)
    }
    static let manifestTooLarge = Self(
        status: .contentTooLarge,
        code: "SIZE_INVALID",
        message: "the manifest is larger than 8 MiB"
    )
    static func uploadUnknown(_ id: String) -> Self {
        Self(status: .notFound, code: "BLOB_UPLOAD_UNKNOWN", message: "there is no upload '\(id)'")
    }
    static let unauthorized = Self(
        status: .unauthorized,
        code: "UNAUTHORIZED",
        message: "a user's name and password are needed"
    )
    static let unreadable = Self(
        status: .internalServerError,
        code: "UNKNOWN",
        message: "the content can't be read"
    )
    static let rangeNotSatisfiable = Self(
        status: .rangeNotSatisfiable,
        code: "RANGE_INVALID",
        message: "the blob has no such bytes"
    )
    static let rangeInvalid = Self(
        status: .rangeNotSatisfiable,
        code: "BLOB_UPLOAD_INVALID",
        message: "the range doesn't continue what is there"
    )

    var response: Response {
        let quoted = { (text: String) in
            text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").filter { $0 >= " " }
        }
        let json = #"{"errors":[{"code":"\#(code)","message":"\#(quoted(message))","detail":null}]}"#
        var headers: HTTPFields = [.contentType: "application/json"]
        if status == .unauthorized { headers[.wwwAuthenticate] = #"Basic realm="kbld", charset="UTF-8""# }
        if status == .methodNotAllowed { headers[.allow] = "GET, HEAD" }
        return Response(
            status: status,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: json))
        )
    }
}
