import KbldConfiguration
import KubernetesYAML
import Resolution
import Testing

@Suite("What looks like an image and isn't taken")
struct CandidateSearchTests {
    @Test("candidates come with what would take them, and without what is taken or left on purpose")
    func candidates() throws {
        let text = """
            apiVersion: apps/v1
            kind: Deployment
            spec:
              image: quay.io/a/taken:v1
              env: [{name: RELATED_IMAGE_A, value: "quay.io/a/env:v1"}]
              proxy: quay.io/a/proxy:v1
              left: quay.io/a/left:v1
              list: [quay.io/a/entry:v1]
              config: |
                web: {repository: quay.io/a/nested, tag: v1}
            """
        let value = try #require(try YAMLReader.values(in: text, file: "test.yml").first)
        let configuration = Configuration(
            searchRules: [SearchRule(keyMatcher: .name("left"), updateStrategy: SearchRule.UpdateStrategy.none)]
        )
        let found = CandidateSearch(configuration).candidates(in: value)
        let expected: [ReferenceCandidate.Suggestion] = [
            .allFinders, .finder(.env),
            .rule(SearchRule(keyMatcher: .path([.key("spec"), .key("list"), .allIndexes]))),
            .rule(SearchRule(keyMatcher: .name("proxy"))),
        ]
        #expect(found.map(\.suggestion) == expected)
        #expect(
            found.map(\.reference)
                == ["quay.io/a/nested:v1", "quay.io/a/env:v1", "quay.io/a/entry:v1", "quay.io/a/proxy:v1"]
        )
    }
}
