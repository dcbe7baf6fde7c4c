// TOML read by toml++ of the system, as a list of nodes that C can walk.
#ifndef CLIBTOML_H
#define CLIBTOML_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CLIBTOML_TABLE = 0,
    CLIBTOML_ARRAY = 1,
    CLIBTOML_STRING = 2,
    CLIBTOML_INTEGER = 3,
    CLIBTOML_BOOLEAN = 4,
    // Floats and dates.
    CLIBTOML_OTHER = 5,
};

// A node of a document: each table and array comes before what is in it. The texts are the document's.
typedef struct {
    int32_t kind;
    // Where it begins, from 1 on.
    uint32_t line;
    // How many nodes are directly in a table or an array.
    size_t count;
    // The key in the table that it is in; empty in an array.
    const char *key;
    size_t key_length;
    // A string's bytes, in UTF-8.
    const char *text;
    size_t text_length;
    // An integer, or a boolean's 0 or 1.
    int64_t number;
} clibtoml_node;

typedef struct clibtoml_document clibtoml_document;

// Reads a document. NULL where there is no memory for it; else it must be freed.
clibtoml_document *clibtoml_parse(const char *bytes, size_t length);
void clibtoml_free(clibtoml_document *document);

// What is wrong with the document; NULL where it is well formed.
const char *clibtoml_error(const clibtoml_document *document);
// The line of the error, from 1 on.
uint32_t clibtoml_error_line(const clibtoml_document *document);

// The nodes, the root table first. None where there is an error.
size_t clibtoml_count(const clibtoml_document *document);
clibtoml_node clibtoml_node_at(const clibtoml_document *document, size_t index);

#ifdef __cplusplus
}
#endif

#endif
