import ArgumentParser
import Packages

/// Packages, given as `--input FILE` or as bare arguments.
enum PackageArgument {
    /// The packages in both forms; empty texts are none.
    static func all(_ inputs: [String], _ bare: [String]) -> [String] { (inputs + bare).filter { !$0.isEmpty } }

    /// The package and what is named in it: `PACKAGE IMAGE`, or `--input PACKAGE IMAGE`.
    ///
    /// - Throws: `ValidationError` where there is no package, or there are two.
    static func first(_ input: String?, _ bare: String?, _ name: String?) throws -> (package: String, name: String?) {
        guard let input, !input.isEmpty else { return (try only(nil, bare), name) }
        guard let name else { return (input, bare) }
        throw ValidationError("--input '\(input)' and '\(bare ?? name)': only one package can be given")
    }

    /// The one package in both forms.
    ///
    /// - Throws: `ValidationError` where there is none, or more than one.
    static func only(_ input: String?, _ bare: String?) throws -> String {
        let given = all(input.map { [$0] } ?? [], bare.map { [$0] } ?? [])
        guard let package = given.first else {
            throw ValidationError("missing the package: --input FILE, or FILE without a flag")
        }
        guard given.count == 1 else {
            throw ValidationError("--input '\(given[0])' and '\(given[1])': only one package can be given")
        }
        return package
    }

    /// Makes sure that standard input, which can be read once, has one meaning.
    ///
    /// - Throws: `ValidationError` where it would be two packages, or a package and documents.
    static func checkStandardInput(_ packages: [String], documents: [String] = []) throws {
        let count = packages.count { $0 == PackagePath.standardStream }
        guard count < 2 else {
            throw ValidationError("Standard input can be one package only; give the other one as a file")
        }
        guard count == 0 || !documents.contains("-") else {
            throw ValidationError(
                "Standard input can't be both the package and documents (-f -); give one of them as a file"
            )
        }
    }
}
