import CommandLineSyntax
import Testing

@Suite("What is wrong with arguments")
struct ArgumentReviewTests {
    private static let program = """
        {"serializationVersion": 0, "command": {"commandName": "kbld", "defaultSubcommand": "resolve", "subcommands": [
          {"commandName": "resolve", "arguments": [\(option("file", "f", "file")), \(option("platform", nil, "platform"))]},
          {"commandName": "package", "aliases": ["pkg"], "defaultSubcommand": "create", "subcommands": [
            {"commandName": "create", "arguments": [
              \(option("file", "f", "file")), \(option("output", "o", "file")),
              \(option("count", nil, "count", #", "defaultValue": "4""#)),
              \(option("format", nil, "format", #", "allValues": ["kbld", "oci"]"#))]},
            {"commandName": "inspect", "arguments": [\(argument("subject"))]}]},
          {"commandName": "unpackage", "arguments": [\(option("input", "i", "file")), \(option("file", "f", "file"))]}]}}
        """

    private static func option(_ name: String, _ letter: String?, _ value: String, _ more: String = "") -> String {
        let short = letter.map { #", {"kind": "short", "name": "\#($0)"}"# } ?? ""
        return
            #"{"kind": "option", "names": [{"kind": "long", "name": "\#(name)"}\#(short)], "valueName": "\#(value)", "#
            + #""isOptional": true, "isRepeating": false, "shouldDisplay": true\#(more)}"#
    }

    private static func argument(_ value: String) -> String {
        #"{"kind": "positional", "valueName": "\#(value)", "isOptional": false, "isRepeating": false, "#
            + #""shouldDisplay": true}"#
    }

    private func mistake(_ path: [String], _ line: String) throws -> String? {
        let review = ArgumentReview(path: path, of: try CommandDeclaration(json: Self.program))
        return review.firstMistake(in: line.split(separator: " ").map(String.init))?.description
    }

    @Test(
        "The first thing that nothing takes is named",
        arguments: [
            ([], "--fiel x", "unknown flag --fiel; did you mean --file?"),
            ([], "--platform=a/b --zzz --fiel", "unknown flag --zzz; 'kbld --help' lists the flags"),
            (["package"], "--ouput=x", "unknown flag --ouput; did you mean --output?"),
            (["package"], "-i x", "unknown flag -i; 'kbld package' doesn't have it, but 'kbld unpackage' does"),
            (
                ["package", "inspect"], "-i x",
                "unknown flag -i; <subject> is given without a flag: kbld package inspect x"
            ),
            ([], "pgk", "unknown command 'pgk'; did you mean 'pkg'?"),
            ([], "whatever -o x", "unknown command 'whatever'; 'kbld --help' lists the commands"),
            (["package"], "inspct", "unknown command 'inspct'; did you mean 'inspect'?"),
            (["unpackage"], "a.tar --zzz", "unexpected argument 'a.tar'; did you mean '-i a.tar'?"),
            (["unpackage"], "a.yml", "unexpected argument 'a.yml'; did you mean '-f a.yml'?"),
            (["unpackage"], "package", "unexpected argument 'package'; only one command can be given"),
            (["package", "inspect"], "a b", "unexpected argument 'b'; usage: kbld package inspect <subject> [flags]"),
            (["package"], "--output", "--output needs a value: --output <file>"),
            (["package"], "--output=-f", "--output needs a value: --output <file> (-f follows)"),
            (["package"], "--count many", "--count must be a whole number, not 'many'"),
            (["package"], "--format ocl", "--format must be kbld or oci, not 'ocl'; did you mean oci?"),
            (["package", "inspect"], "", "<subject> is missing; usage: kbld package inspect <subject> [flags]"),
        ]
    )
    func mistakes(path: [String], line: String, message: String) throws {
        #expect(try mistake(path, line) == message)
    }

    @Test("What is missing besides isn't a matter of the declarations", arguments: ["-f x.yml", "--count 3 -o -", ""])
    func none(line: String) throws {
        #expect(try mistake(["package"], line) == nil)
    }
}
