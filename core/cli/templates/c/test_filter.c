#include "testing.h"

int main(void) {
  const double offset = 2, values[] = {1, 5};
  const uint64_t one = 1, dims[] = {2, 1, 1};
  const voxomics_array setting = test_given("settings.offset", VOXOMICS_F64, &offset, sizeof offset, &one, 1);
  const voxomics_array image = test_given("image", VOXOMICS_F64, values, sizeof values, dims, 3);
  const voxomics_array *settings[] = {&setting}, *images[] = {&image};
  const voxomics_request configured = test_request("{\"settings\": {\"offset\": 2}}", settings, 1);
  const voxomics_request asked = test_request("{}", images, 1);
  const voxomics_library *library = test_library();
  test_answer *answer = test_begin();
  void *filter = library->configure(TEXT("filter"), TEXT("NAME"), &configured, NULL, &answer->wire);
  const double *map;
  CHECK(filter != NULL);
  CHECK(library->call(filter, TEXT("apply"), &asked, NULL, &answer->wire) == 0);
  map = (const double *)test_data(answer, "map.0", sizeof values);
  CHECK(map[0] == 3 && map[1] == 7);
  test_end(answer);
  library->drop(filter);
  return 0;
}
