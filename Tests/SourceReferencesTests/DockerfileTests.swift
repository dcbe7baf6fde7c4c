import SourceReferences
import Testing

@Suite("Dockerfiles")
struct DockerfileTests {
    private func found(_ text: String) throws -> [String] {
        try SourceFile(path: "Dockerfile", bytes: Array(text.utf8), kind: .dockerfile).references().map(\.text)
    }

    @Test(
        "Only words without quotes begin texts that go on over lines",
        arguments: [
            #"RUN bash -c "cat <<EOF > x""#, #"RUN ["sh", "-c", "x <<EOF"]"#, #"RUN a"b <<EOF""#, "RUN echo '<<EOF'",
            #"RUN echo \<<EOF"#, "RUN cat <<<EOF", #"COPY ["<<EOF", "/x"]"#,
        ]
    )
    func noHeredoc(line: String) throws {
        #expect(try found("FROM r.io/a:1\n\(line)\nFROM r.io/b:1\n") == ["r.io/a:1", "r.io/b:1"])
    }

    @Test("These texts are passed over", arguments: ["EOF", "'EOF'", "\"E O\"", "-EOF"])
    func heredoc(word: String) throws {
        let end = word.contains(" ") ? "E O" : "EOF"
        let text = "FROM r.io/a:1\nRUN cat <<\(word) > /x && b\nFROM r.io/c:1\n\(end)\nFROM r.io/b:1\n"
        #expect(try found(text) == ["r.io/a:1", "r.io/b:1"])
    }

    @Test("Two backslashes at the end of a line don't join it to the next")
    func escapedEscape() throws {
        #expect(try found("FROM r.io/a:1\nRUN dir c:\\\\\nFROM r.io/b:1\n") == ["r.io/a:1", "r.io/b:1"])
        #expect(try found("FROM r.io/a:1\nRUN dir \\\nFROM r.io/b:1\n") == ["r.io/a:1"])
    }

    @Test("An argument that names a stage is no image")
    func stageArgument() throws {
        #expect(try found("ARG BASE=app\nFROM r.io/a:1 AS app\nFROM ${BASE}\n") == ["r.io/a:1"])
        #expect(try found("ARG BASE=App\nFROM r.io/a:1 AS aPP\nFROM $BASE\n") == ["r.io/a:1"])
        #expect(try found("ARG BASE=r.io/b:1\nFROM r.io/a:1 AS app\nFROM ${BASE}\n") == ["r.io/b:1", "r.io/a:1"])
        #expect(try found("ARG BASE=scratch\nFROM ${BASE}\n") == [])
    }

    @Test("Of a syntax the first word counts")
    func syntax() throws {
        #expect(try found("# syntax=r.io/s:1 # why\nFROM r.io/a:1\n") == ["r.io/s:1", "r.io/a:1"])
    }
}
