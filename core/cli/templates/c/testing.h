/* A stand-in for the program, for tests: it keeps what a plugin answers. */
#ifndef TESTING_H
#define TESTING_H

#include <stdio.h>
#include <stdlib.h>

#include "plugin.h"

/* Ends the test with the place of what does not hold. */
#define CHECK(holds_true)                                                      \
  do {                                                                         \
    if (!(holds_true)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #holds_true); \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

#define MOST_ARRAYS 16

/* An answer, with room for a few arrays. */
typedef struct test_answer {
  voxomics_answer wire;
  char json[4096];
  char message[512];
  char names[MOST_ARRAYS][64];
  uint64_t bytes[MOST_ARRAYS];
  void *data[MOST_ARRAYS];
  int count;
} test_answer;

static inline void copy(char *into, size_t room, voxomics_text text) {
  size_t length = text.length < room - 1 ? (size_t)text.length : room - 1;
  memcpy(into, text.bytes, length);
  into[length] = 0;
}

static inline void test_json(void *state, voxomics_text json) {
  test_answer *answer = (test_answer *)state;
  copy(answer->json, sizeof answer->json, json);
}

static inline void *test_array(void *state, voxomics_text name, uint32_t element, uint32_t rank, const uint64_t *dims) {
  static const uint64_t SIZES[] = {1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 16};
  test_answer *answer = (test_answer *)state;
  uint64_t bytes = element <= VOXOMICS_CELL ? SIZES[element] : 0;
  uint32_t at;
  CHECK(bytes != 0 && answer->count < MOST_ARRAYS);
  for (at = 0; at < rank; at++) {
    bytes *= dims[at];
  }
  copy(answer->names[answer->count], sizeof answer->names[0], name);
  answer->bytes[answer->count] = bytes;
  answer->data[answer->count] = calloc(1, bytes > 0 ? (size_t)bytes : 1);
  CHECK(answer->data[answer->count] != NULL);
  return answer->data[answer->count++];
}

static inline void test_fail(void *state, uint32_t code, voxomics_text message, voxomics_text key) {
  test_answer *answer = (test_answer *)state;
  (void)code;
  (void)key;
  copy(answer->message, sizeof answer->message, message);
}

/* An empty answer. */
static inline test_answer *test_begin(void) {
  test_answer *answer = (test_answer *)calloc(1, sizeof *answer);
  CHECK(answer != NULL);
  answer->wire.size = sizeof answer->wire;
  answer->wire.state = answer;
  answer->wire.json = test_json;
  answer->wire.array = test_array;
  answer->wire.fail = test_fail;
  return answer;
}

/* The elements of an array of an answer, which must have so many bytes. */
static inline const void *test_data(const test_answer *answer, const char *name, uint64_t bytes) {
  int at;
  for (at = 0; at < answer->count; at++) {
    if (strcmp(answer->names[at], name) == 0) {
      CHECK(answer->bytes[at] == bytes);
      return answer->data[at];
    }
  }
  fprintf(stderr, "the answer has no array %s\n", name);
  exit(1);
}

static inline void test_end(test_answer *answer) {
  while (answer->count > 0) {
    free(answer->data[--answer->count]);
  }
  free(answer);
}

/* An array of a request. */
static inline voxomics_array test_given(const char *name, uint32_t element, const void *data, uint64_t bytes,
                                        const uint64_t *dims, uint32_t rank) {
  voxomics_array made;
  made.size = sizeof made;
  made.name = text_of(name, strlen(name));
  made.element = element;
  made.rank = rank;
  made.dims = dims;
  made.data = data;
  made.bytes = bytes;
  return made;
}

static inline voxomics_request test_request(const char *json, const voxomics_array *const *arrays, uint64_t count) {
  voxomics_request made;
  made.size = sizeof made;
  made.json = text_of(json, strlen(json));
  made.count = count;
  made.arrays = arrays;
  return made;
}

/* The library, as the program finds it. */
static inline const voxomics_library *test_library(void) {
  const voxomics_library *library =
      (const voxomics_library *)voxomics_plugin_entry(VOXOMICS_GENERATION, VOXOMICS_CARRIER_C);
  CHECK(library != NULL && library->size >= sizeof(voxomics_library));
  CHECK(voxomics_plugin_entry(VOXOMICS_GENERATION, VOXOMICS_CARRIER_RUST) == NULL);
  return library;
}

#endif
