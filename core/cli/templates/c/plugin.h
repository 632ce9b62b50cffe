/* What every plugin in C needs, and no author wants to write: texts, arrays by their names, failures. */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <stddef.h>
#include <string.h>

#include "voxomics.h"

/* A literal as a text. */
#define TEXT(literal) text_of(literal, sizeof(literal) - 1)

static inline voxomics_text text_of(const char *bytes, size_t length) {
  voxomics_text made;
  made.bytes = bytes;
  made.length = length;
  return made;
}

static inline int is(voxomics_text found, voxomics_text wanted) {
  return found.length == wanted.length && memcmp(found.bytes, wanted.bytes, (size_t)wanted.length) == 0;
}

/* Whether a text holds another one: enough to tell apart the few words that the program sends. */
static inline int holds(voxomics_text all, voxomics_text part) {
  uint64_t at;
  for (at = 0; at + part.length <= all.length; at++) {
    if (memcmp(all.bytes + at, part.bytes, (size_t)part.length) == 0) {
      return 1;
    }
  }
  return 0;
}

/* An array of the request by its name; null if it is not there, or has other elements. */
static inline const voxomics_array *find(const voxomics_request *request, voxomics_text name, uint32_t element) {
  uint64_t at;
  for (at = 0; at < request->count; at++) {
    if (is(request->arrays[at]->name, name)) {
      return request->arrays[at]->element == element ? request->arrays[at] : NULL;
    }
  }
  return NULL;
}

/* A setting that is one number; 0 if there is none. */
static inline int number(const voxomics_request *request, voxomics_text name, double *found) {
  const voxomics_array *array = find(request, name, VOXOMICS_F64);
  if (array == NULL || array->bytes != sizeof(double)) {
    return 0;
  }
  *found = *(const double *)array->data;
  return 1;
}

/* Says what went wrong with the input, and returns what `call` returns then. */
static inline uint32_t fail(const voxomics_answer *answer, voxomics_text message) {
  answer->fail(answer->state, VOXOMICS_FAILURE_INPUT, message, TEXT(""));
  return 1;
}

/* Says that there is no such method. */
static inline uint32_t no_method(const voxomics_answer *answer) {
  answer->fail(answer->state, VOXOMICS_FAILURE_UNSUPPORTED, TEXT("there is no such method"), TEXT(""));
  return 1;
}

#endif
