import HTTPTypes
import HummingbirdCore
import NIOCore

/// A refusal, with its code: OCI distribution specification, "Error Codes".
struct RegistryResponseError: Error {
    let status: HTTPResponse.Status
    /// One of the specification's codes; nil if none of them fits, and the message goes out as plain text.
    let code: String?
    let message: String
    var headers: HTTPFields = [:]

    static let notFound = Self(status: .notFound, code: "NAME_UNKNOWN", message: "there is nothing here")

    static func unsupported(allowed: [HTTPRequest.Method]) -> Self {
        Self(
            status: .methodNotAllowed,
            code: "UNSUPPORTED",
            message: "the operation is not supported",
            headers: [.allow: allowed.map(\.rawValue).joined(separator: ", ")]
        )
    }
    static func nameInvalid(_ name: String) -> Self {
        Self(status: .badRequest, code: "NAME_INVALID", message: "'\(name)' is not a repository's name")
    }
    static func nameUnknown(_ name: String) -> Self {
        Self(status: .notFound, code: "NAME_UNKNOWN", message: "there is no repository '\(name)'")
    }
    static func tagInvalid(_ tag: String) -> Self {
        Self(status: .badRequest, code: "MANIFEST_INVALID", message: "'\(tag)' is not a tag")
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
    static let uploadTaken = Self(
        status: .conflict,
        code: "BLOB_UPLOAD_INVALID",
        message: "another request is writing to the upload, or has completed it"
    )
    static let unauthorized = Self(
        status: .unauthorized,
        code: "UNAUTHORIZED",
        message: "a user name and password are required",
        headers: [.wwwAuthenticate: #"Basic realm="kbld", charset="UTF-8""#]
    )
    static let tooManyLogins = Self(
        status: .tooManyRequests,
        code: "TOOMANYREQUESTS",
        message: "too many passwords are being checked",
        headers: [.retryAfter: "1"]
    )
    static let unreadable = Self(status: .internalServerError, code: nil, message: "the content can't be read")
    static let unstorable = Self(status: .internalServerError, code: nil, message: "the change can't be stored")
    static let bodyInvalid = Self(status: .badRequest, code: nil, message: "the request's body is malformed or cut off")
    static let preconditionFailed = Self(
        status: .preconditionFailed,
        code: nil,
        message: "the content is not what the request expects"
    )
    static func rangeNotSatisfiable(size: Int64) -> Self {
        Self(
            status: .rangeNotSatisfiable,
            code: nil,
            message: "the range is outside the blob",
            headers: [.contentRange: "bytes */\(size)"]
        )
    }
    /// - Parameter size: How many bytes the upload has.
    static func rangeInvalid(size: Int64) -> Self {
        Self(
            status: .rangeNotSatisfiable,
            code: "BLOB_UPLOAD_INVALID",
            message: "the range does not continue the upload",
            headers: [.range: "0-\(max(size - 1, 0))"]
        )
    }

    var response: Response {
        var headers = headers
        guard let code else {
            headers[.contentType] = "text/plain; charset=utf-8"
            return Response(
                status: status,
                headers: headers,
                body: ResponseBody(byteBuffer: ByteBuffer(string: message + "\n"))
            )
        }
        let quoted = { (text: String) in
            text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").filter { $0 >= " " }
        }
        let json = #"{"errors":[{"code":"\#(code)","message":"\#(quoted(message))","detail":null}]}"#
        headers[.contentType] = "application/json"
        return Response(
            status: status,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: json))
        )
    }
}
