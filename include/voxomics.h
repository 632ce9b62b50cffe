/* The interface of Voxomics plugins for C, C++, Fortran, Zig and whatever else can be linked with C. Generation 1.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A plugin is a dynamic library that exports one function, voxomics_plugin_entry. One shape crosses: a call has a method (a
 * word), a JSON object and named arrays; its answer has a JSON object and named arrays, or failures. The methods and their
 * JSON are listed at the end of this file.
 *
 * Rules that hold everywhere
 * - Texts are UTF-8 with a length; they do not end with a zero. The receiver verifies them.
 * - A pointer that a function gets as an argument, and everything behind it, is lent: it is valid until that function
 *   returns, and is not changed or freed by the receiver. The two exceptions are named below: an array that is handed over,
 *   and memory that the program gives for an array.
 * - A struct that begins with `size` may grow: a newer program knows more members than an older plugin. Read no member
 *   beyond the size that you are told, and set `size` to sizeof of the struct that you were compiled with.
 * - No function may end by a C++ exception, longjmp, exit or abort. Catch everything at the edge.
 * - Floating-point arithmetic rounds to nearest and keeps subnormal numbers when a plugin is entered. The program puts that
 *   state back after each call, and warns in the plugin's name if it was changed.
 * - The working directory, the environment and the locale are not to be relied on, and not to be changed.
 */
#ifndef VOXOMICS_H
#define VOXOMICS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VOXOMICS_GENERATION 1u
#define VOXOMICS_CARRIER_RUST 1u
#define VOXOMICS_CARRIER_C 2u

/* Element types of an array. A cell is 16 bytes: uint32_t grey level, uint32_t other coordinate, double content. */
#define VOXOMICS_U8 0u
#define VOXOMICS_I8 1u
#define VOXOMICS_U16 2u
#define VOXOMICS_I16 3u
#define VOXOMICS_U32 4u
#define VOXOMICS_I32 5u
#define VOXOMICS_U64 6u
#define VOXOMICS_I64 7u
#define VOXOMICS_F32 8u
#define VOXOMICS_F64 9u
#define VOXOMICS_CELL 10u

/* Codes of a failure. */
#define VOXOMICS_FAILURE_SETTING 1u     /* a setting has a value that cannot be used; its key is given */
#define VOXOMICS_FAILURE_INPUT 2u       /* the input (file, image, region) cannot be used */
#define VOXOMICS_FAILURE_UNSUPPORTED 3u /* the plugin does not offer what was asked for */
#define VOXOMICS_FAILURE_CANCELLED 4u   /* the work was given up because the program asked for it */
#define VOXOMICS_FAILURE_PANIC 5u       /* a mistake of the plugin, found by itself */
#define VOXOMICS_FAILURE_UNKNOWN_ID 6u  /* the library has no plugin of that kind and id */
#define VOXOMICS_FAILURE_BROKEN 7u      /* the plugin does not do what it describes */

/* Status of a value. */
#define VOXOMICS_OK 0u
#define VOXOMICS_UNDEFINED 1u /* not defined here; a reason is given */
#define VOXOMICS_MISSING 2u   /* an input that the case does not have */

/* Levels of a line of the log. */
#define VOXOMICS_LOG_DEBUG 0u
#define VOXOMICS_LOG_INFO 1u
#define VOXOMICS_LOG_WARNING 2u /* something that may make a number wrong */

/* A text: so many bytes of UTF-8. `bytes` may be null if the length is 0. */
typedef struct voxomics_text {
  const char *bytes;
  uint64_t length;
} voxomics_text;

/* An array: a name, an element type, dimensions (the first is the fastest) and elements, aligned to their size.
 * `bytes` is the number of bytes: the product of the dimensions and of the element's size. */
typedef struct voxomics_array {
  uint64_t size; /* of this struct */
  voxomics_text name;
  uint32_t element; /* VOXOMICS_U8 ... VOXOMICS_CELL */
  uint32_t rank;    /* number of dimensions */
  const uint64_t *dims;
  const void *data;
  uint64_t bytes;
} voxomics_array;

/* What a method is asked with. Owned by the program; valid until the call returns. */
typedef struct voxomics_request {
  uint64_t size; /* of this struct */
  voxomics_text json; /* a JSON object */
  uint64_t count;     /* number of arrays */
  const voxomics_array *const *arrays; /* so many pointers */
} voxomics_request;

/* Where a plugin puts its answer. Owned by the program; valid until the call returns. Its functions are called with `state` as
 * their first argument, on the thread that was called, before the call returns. */
typedef struct voxomics_answer {
  uint64_t size; /* of this struct */
  void *state;
  /* Sets the JSON object of the answer; copied. Without one it is {}. */
  void (*json)(void *state, voxomics_text json);
  /* Adds an array, whose memory the program gives: zeroed, aligned to 64, to be filled before the call returns, and freed by
   * the program. Null if there is not so much memory, or no such element type. `dims` has `rank` numbers; all is copied. */
  void *(*array)(void *state, voxomics_text name, uint32_t element, uint32_t rank, const uint64_t *dims);
  /* Adds an array whose elements stay where they are, without a copy. They belong to the plugin, which does not change them
   * until the program calls release(owner): once, on any thread, after the call. With a null `release` they are never
   * released: constants. The struct, its name and its dimensions are copied. */
  void (*hand_over)(void *state, const voxomics_array *array, void *owner, void (*release)(void *owner));
  /* Says what went wrong: what was found, what was expected, what to do. `key` is the key of the setting that caused it, or
   * empty. May be called several times; only in `configure` is more than the first looked at. */
  void (*fail)(void *state, uint32_t code, voxomics_text message, voxomics_text key);
} voxomics_answer;

/* An ability beyond this file, found by its id: a version (0: there is none), a table of functions, and the state that is
 * their first argument. Owned by whoever gave it; valid as long as that instance or library, or until the call returns if
 * the program gave it. */
typedef struct voxomics_extension {
  uint32_t version;
  const void *table;
  const void *state;
} voxomics_extension;

/* Id of the program's extension whose table, in version 1, is this. */
#define VOXOMICS_PROGRESS "voxomics.progress"
typedef struct voxomics_progress {
  void (*say)(const void *state, double fraction); /* how much of the call is done, 0 to 1 */
} voxomics_progress;

/* The program during a call. Owned by the program; valid until the call returns. Its functions are called with `state` as their
 * first argument, on any thread. */
typedef struct voxomics_host {
  uint64_t size; /* of this struct */
  const void *state;
  /* Writes a line to the run's log; copied. */
  void (*log)(const void *state, uint32_t level, voxomics_text line);
  /* Whether to go on: 0. 1: the run is given up. 2: the time for this call is over. If it is not 0, a long call fails with
   * VOXOMICS_FAILURE_CANCELLED. */
  uint32_t (*stop)(const void *state);
  /* Runs chunk(chunk_state, 0) to chunk(chunk_state, count - 1) on the program's threads, several at once and in any order, and
   * returns when all have ended: 0 if each was run, otherwise some were left out because the run is given up. Cut the
   * chunks by the data and not by the number of threads, and join their results in order. Hold no lock while it runs: this
   * thread may be given other work, also of the same instance. A plugin starts no threads of its own. */
  uint32_t (*for_each)(const void *state, uint64_t count, const void *chunk_state,
                       void (*chunk)(const void *chunk_state, uint64_t index));
  /* Opens a file of the case for reading. 0, and a descriptor (on Windows a handle) that the plugin closes, and the file's
   * size; otherwise a failure's code. A path is bytes on Unix. */
  uint32_t (*open)(const void *state, voxomics_text path, int64_t *descriptor, uint64_t *file_size);
  /* Calls name(names, ...) for everything in a folder of the case, sorted. 0, or a failure's code. */
  uint32_t (*list)(const void *state, voxomics_text path, void *names, void (*name)(void *names, voxomics_text name));
  /* The seed for anything random: the same for the same experiment and case. */
  uint64_t (*seed)(const void *state);
  /* An extension of the program by its id. */
  voxomics_extension (*extension)(const void *state, voxomics_text id);
} voxomics_host;

/* What a library offers. Owned by the library; valid for ever (a library is never unloaded). Every function but `extension`
 * must be there. Each may be called on any thread. */
typedef struct voxomics_library {
  uint64_t size; /* of this struct */
  /* Describes the library: a JSON object {"version", "vendor", "licence", "plugins": [...]}. 0, or anything else with
   * failures. */
  uint32_t (*describe)(const voxomics_answer *answer);
  /* Makes an instance of a plugin, from settings: the JSON object {"settings": {...}}, and an array settings.KEY of doubles
   * for each setting that is a number or a list of numbers; what the experiment leaves out has its default from the
   * description. Looks at no file but one that a setting names. The instance is owned by the program, which ends it with `drop`.
   * Null, with failures, for settings that cannot be used: say all that is wrong. */
  void *(*configure)(voxomics_text kind, voxomics_text id, const voxomics_request *request, const voxomics_host *host,
                     const voxomics_answer *answer);
  /* Calls a method. 0, or anything else with a failure. An instance may be entered by several threads at once, and again on
   * the same thread while it waits in for_each; the same input gives the same bits. A method that is not known fails with
   * VOXOMICS_FAILURE_UNSUPPORTED. */
  uint32_t (*call)(void *instance, voxomics_text method, const voxomics_request *request, const voxomics_host *host,
                   const voxomics_answer *answer);
  /* Ends an instance; nothing else is called with it any more. */
  void (*drop)(void *instance);
  /* An extension of an instance, or of the library if `instance` is null. May be null. */
  voxomics_extension (*extension)(void *instance, voxomics_text id);
} voxomics_library;

#if defined(_WIN32)
#define VOXOMICS_EXPORT __declspec(dllexport)
#else
#define VOXOMICS_EXPORT __attribute__((visibility("default")))
#endif

/* The one symbol of a plugin. The program asks for the newest generation that it knows, and for each carrier: answer with a
 * voxomics_library for (1, VOXOMICS_CARRIER_C), and with null for every other pair. */
VOXOMICS_EXPORT const void *voxomics_plugin_entry(uint32_t generation, uint32_t carrier);

/* The methods of generation 1
 * ============================
 * In JSON, a key that is not known is not looked at, unless a word for it stands under "requires": a receiver that does not know
 * each word refuses. `grid` is an array of 15 doubles: spacing, centre of the first voxel, and the unit vectors of the axes
 * x, y, z; mm, LPS. Images have the dimensions x, y, z. `values` and `status` of a family stand in the order of the features in
 * its description, and "reasons" has a text for each feature that is undefined.
 *
 * load      recognises  {"path"}, path u8, head u8                    -> {"recognises": true or false}
 *           load        {"path", "role": "image" or "mask", "selection", "max_bytes", "reference": [x, y, z]}, path u8,
 *                       grid (with a reference)
 *                       -> {"images": [{"name", "unit"}], "masks": [{"name", "names": [[label, name]], "offset": [x, y, z]}],
 *                           "metadata": {...}}, and for each image.I and mask.I: .voxels (any number type), .grid,
 *                           .scaling f64 (slope, intercept; for the scan or for each slice)
 *           survey      {"path"}, path u8                             -> the survey
 * filter    maps        {}                    -> {"maps": [name, ...], "units": [unit, ...], "sees_regions": true or false}
 *           margin      {"dims": [x, y, z]}, grid                     -> margin u64[3], or {"whole": true}
 *           apply       {"unit", "regions": [name, ...], "wanted": [[x, y, z], [x, y, z]]}, image f64, grid; region.I u8 if it
 *                       sees regions; "wanted" is the box in which the response is needed, if not in all of the image: its
 *                       first voxel, and the one behind its last
 *                       -> map.0, map.1, ... f64, each of the image or of the wanted box
 *           observe     {"unit", "regions"}, image f64, grid, region.I u8     -> {"observation": text}
 *           fit         {"observations": [text, ...]}                 -> {"state": text}
 * features  needs       {}              -> {"levels", "matrices": [...], "margin_mm", "takes_empty_intensity_mask",
 *                                           "regions": [name, ...], "features": [id, ...]}; "regions" are others whose masks
 *                                           it reads, "features" those that it has as it is configured, if not all
 *           compute     {"level_count", "matrices": [{"level_count", "count"}], "unit", "regions": [name, ...]}, image f64, grid,
 *                       morphological_mask u8, intensity_mask u8; where asked for: levels u16, matrix.I.J cell,
 *                       matrix.I.voxels f64, region.I u8
 *                       -> {"reasons": {id: text}}, values f64, status u8
 *           map         {"features": [id, ...], "radius": [x, y, z], "unit", "level_count"}, image f64, grid, mask u8 (what
 *                       neighbourhoods are made of), wanted u8 (where a value is wanted; without it, in the mask); levels u16,
 *                       if it needs levels -> map.0, map.1, ... f64 (NaN where there is no value)
 * predict   inputs      {}  -> {"inputs": [name, ...], "outputs": [{"name", "meaning": "score", "risk" or "probability",
 *                              "horizon": {"at", "unit"}, "class", "unit"}, ...]}; without "outputs" it has one score
 *           predict     {"reasons": {place: text}}, values f64, status u8
 *                       -> {"reasons": {place: text}}, outputs f64, status u8, contributions f64 (to the first output)
 *           fit         {"columns": [...], "design": {...}}, values f64 (rows, columns), present u8 -> {"model": text}
 * regions   labels      {}                  -> {"labels": [[label, name], ...], "margin_mm", "sees_images", "may_lack"}; with
 *                                           "sees_images" it is shown several images, with "may_lack" a case may lack regions
 *           make        {"unit", "regions": [name, ...], "images": [name, ...]}, image f64, grid, region.I u8; region.0 is to be
 *                       divided; image.1, image.2, ... f64 if there are several images, of which the first is image
 *                       -> labels u16 (0 where there is no region)
 *           observe, fit                                              as of a filter
 * export    needs       {}                                            -> {"regions": true or false, "image": true or false}
 *           export      {"case", "columns": [{"name", "ibsi", "unit"}], "rows": [{"region", "reasons": {column: text}}],
 *                        "scores": [{"model", "component", "outputs", "reasons", "doubts"}], "metadata",
 *                        "regions": [{"name", "volume_ml"}]}, values f64 and status u8 (columns x rows), score.I.values f64,
 *                        score.I.status u8; where asked for: grid, region.I u8, image f64
 *                       -> {"files": [name, ...]}, file.I u8; the program writes the files
 *
 * A filter or a maker of regions whose description says "fits": true (and "requires": ["fits"]) is fitted on a cohort: each
 * image is observed, and the observations become a state. `configure` is given it as {"settings", "state": text}, or without a
 * state to observe and fit. A family whose description says "maps": true has the method `map`, and with
 * "map_levels": true takes levels there; the program makes the maps of every other family by `compute`. "schema" in a description is the
 * JSON schema of the settings; the program makes it of "settings" where it is left out.
 *
 * A family may claim what its values do not depend on, with its settings at their defaults: "invariant": a list of "rotation" (by
 * right angles about any axis), "rotation in plane" (about z), "mirroring", "translation". A predictor that brings its model with it
 * has a "card": {"intended_use", "population", "ranges": [{"input", "min", "max", "unit"}], "valid_until": "2027-12-31", "contact",
 * "needs_licence"}. After its last day the program refuses it. If it needs a licence, it lists a setting "licence" that takes
 * "file"; `configure` reads that file, and makes an instance or fails: there is no worse score for who has none.
 */

#ifdef __cplusplus
}
#endif

#endif
