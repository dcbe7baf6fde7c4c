import AsyncHTTPClient
import FoundationEssentials
import Glibc
import HTTPProxies
import NIOCore
import NIOHTTP1
import NIOPosix
import SystemPackage

/// The bytes behind a `-f` flag.
enum InputFiles {
    struct Input: Sendable {
        let name: String
        let bytes: [UInt8]
    }

    /// What `name` means: one input, or those of a folder.
    static func read(_ name: String, proxies: ProxySettings) async throws -> [Input] {
        if name == "-" {
            return [Input(name: "stdin", bytes: try contents(of: .standardInput, named: "standard input"))]
        }
        if name.hasPrefix("http://") || name.hasPrefix("https://") {
            return [try await fetch(name, proxies: proxies)]
        }
        var status = stat()
        guard stat(name, &status) == 0 else {
            throw InputError(name: name, reason: "\(Errno(rawValue: errno))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return [try file(name)] }
        return try files(below: name).sorted().map(file)
    }

    private static func file(_ path: String) throws(InputError) -> Input {
        do {
            let descriptor = try SystemPackage.FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
            let bytes = try descriptor.closeAfter { try contents(of: descriptor, named: path) }
            return Input(name: path, bytes: bytes)
        } catch let error as InputError {
            throw error
        } catch {
            throw InputError(name: path, reason: "\(error)")
        }
    }

    private static func contents(of descriptor: SystemPackage.FileDescriptor, named name: String) throws(InputError)
        -> [UInt8]
    {
        var bytes: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { chunk.deallocate() }
        do {
            while case let count = try descriptor.read(into: chunk), count > 0 {
                bytes.append(contentsOf: chunk[..<count])
            }
        } catch {
            throw InputError(name: name, reason: "\(error)")
        }
        return bytes
    }

    /// The files that end in .yml, .yaml or .json, at any depth.
    private static func files(below folder: String) throws(InputError) -> [String] {
        guard let directory = opendir(folder) else {
            throw InputError(name: folder, reason: "\(Errno(rawValue: errno))")
        }
        defer { closedir(directory) }
        var found: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            var link = stat()
            let isLink = lstat(path, &link) == 0 && link.st_mode & S_IFMT == S_IFLNK
            if status.st_mode & S_IFMT == S_IFDIR {
                // A link to a folder may lead back up, and would then never end.
                if !isLink { found += try files(below: path) }
            } else if [".yml", ".yaml", ".json"].contains(where: name.hasSuffix) {
                found.append(path)
            }
        }
        return found
    }

    private static func fetch(_ address: String, proxies: ProxySettings) async throws -> Input {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = RoutedHTTPClient(configuration: configuration, proxies: proxies)
        let input: Result<Input, any Error>
        do { input = .success(try await fetch(address, by: client)) } catch { input = .failure(error) }
        try? await client.shutdown()
        return try input.get()
    }

    private static func fetch(_ address: String, by client: RoutedHTTPClient) async throws -> Input {
        let name = shown(address)
        do {
            let response = try await follow(address, by: client)
            guard response.status == .ok else {
                throw InputError(name: name, reason: "the server answered \(response.status)")
            }
            let body = try await response.body.collect(upTo: 256 << 20)
            return Input(name: name, bytes: Array(body.readableBytesView))
        } catch let error as InputError {
            throw error
        } catch let error as NIOConnectionError {
            let failure = error.connectionErrors.first?.error ?? error.dnsAError ?? error.dnsAAAAError ?? error
            let words = (failure as? IOError).map { "\(Errno(rawValue: $0.errnoCode))" } ?? "\(failure)"
            throw InputError(name: name, reason: "connecting failed: \(words)")
        } catch {
            throw InputError(name: name, reason: "\(error)")
        }
    }

    /// The answer at the end of all redirects.
    private static func follow(_ start: String, by client: RoutedHTTPClient) async throws -> HTTPClientResponse {
        let deadline = NIODeadline.now() + .seconds(60)
        var address = start
        for _ in 0...10 {
            var request = HTTPClientRequest(url: address)
            request.headers.add(name: "user-agent", value: "kbld")
            let response = try await client.execute(request, deadline: deadline)
            guard [301, 302, 303, 307, 308].contains(response.status.code),
                let location = response.headers.first(name: "location"),
                let next = URL(string: location, relativeTo: URL(string: address))?.absoluteString
            else { return response }
            guard !address.lowercased().hasPrefix("https:") || next.lowercased().hasPrefix("https:") else {
                throw InputError(
                    name: shown(start),
                    reason: "the server leads from https to plain http, which isn't followed"
                )
            }
            _ = try? await response.body.collect(upTo: 1 << 20)
            address = next
        }
        throw InputError(name: shown(start), reason: "there are more than 10 redirects")
    }

    /// An address as it may be printed: without user, password and query, in which secrets stand.
    private static func shown(_ address: String) -> String {
        let bare = address.prefix { $0 != "?" && $0 != "#" }
        let start = bare.firstIndex(of: "/").map { bare.index($0, offsetBy: 2, limitedBy: bare.endIndex) ?? $0 }
        guard let start else { return String(bare) }
        let host = bare[start...].prefix { $0 != "/" }
        guard let at = host.lastIndex(of: "@") else { return String(bare) }
        return String(bare[..<start] + bare[bare.index(after: at)...])
    }
}

/// A `-f` flag that can't be read.
public struct InputError: Error, Sendable, CustomStringConvertible {
    /// The file, folder or address.
    public let name: String
    /// What happened.
    public let reason: String

    /// What can't be read, and why.
    public var description: String { "Reading '\(name)': \(reason)" }
}
