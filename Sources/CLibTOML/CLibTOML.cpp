// The parser asserts of keys what it reports as an error of the document a few lines later.
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#define TOML_MAX_NESTED_VALUES 64

#include "CLibTOML.h"

#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

struct clibtoml_document {
    toml::table root;
    std::string error;
    uint32_t error_line = 0;
    std::vector<clibtoml_node> nodes;
};

namespace {

// Nesting is bounded by the parser.
void add(std::vector<clibtoml_node> &nodes, std::string_view key, const toml::node &node) {
    clibtoml_node entry{};
    entry.line = node.source().begin.line;
    entry.key = key.data();
    entry.key_length = key.size();
    if (const auto *table = node.as_table()) {
        entry.kind = CLIBTOML_TABLE;
        entry.count = table->size();
        nodes.push_back(entry);
        for (const auto &item : *table) add(nodes, item.first.str(), item.second);
    } else if (const auto *array = node.as_array()) {
        entry.kind = CLIBTOML_ARRAY;
        entry.count = array->size();
        nodes.push_back(entry);
        for (const auto &item : *array) add(nodes, {}, item);
    } else {
        entry.kind = CLIBTOML_OTHER;
        if (const auto *text = node.as_string()) {
            entry.kind = CLIBTOML_STRING;
            entry.text = text->get().data();
            entry.text_length = text->get().size();
        } else if (const auto *number = node.as_integer()) {
            entry.kind = CLIBTOML_INTEGER;
            entry.number = number->get();
        } else if (const auto *boolean = node.as_boolean()) {
            entry.kind = CLIBTOML_BOOLEAN;
            entry.number = boolean->get() ? 1 : 0;
        }
        nodes.push_back(entry);
    }
}

}  // namespace

clibtoml_document *clibtoml_parse(const char *bytes, size_t length) {
    auto *document = new (std::nothrow) clibtoml_document;
    if (!document) return nullptr;
    auto result = toml::parse(std::string_view{bytes, length});
    if (result) {
        document->root = std::move(result).table();
        add(document->nodes, {}, document->root);
    } else {
        document->error = std::string{result.error().description()};
        document->error_line = result.error().source().begin.line;
    }
    return document;
}

void clibtoml_free(clibtoml_document *document) { delete document; }

const char *clibtoml_error(const clibtoml_document *document) {
    return document->error.empty() ? nullptr : document->error.c_str();
}

uint32_t clibtoml_error_line(const clibtoml_document *document) { return document->error_line; }

size_t clibtoml_count(const clibtoml_document *document) { return document->nodes.size(); }

clibtoml_node clibtoml_node_at(const clibtoml_document *document, size_t index) { return document->nodes[index]; }
