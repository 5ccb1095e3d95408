// The rows of a list as one stream tells of them: in columns, each row by its place among the names that it has told.
//
//     snapshot   {"names": ["a", "b"], "rows": [0, 1], "cols": {"size": ["1", "5"], "state": ["EMPTY", "STABLE"]}}
//     delta      {"rows": [1], "cols": {"size": ["9"]}}
//     a new row  {"names": ["c"], "rows": [2], "cols": {"size": ["0"], "state": ["EMPTY"]}}
//
// A name travels once: with a hundred bytes of names and fields to a row, a screenful was 2 kB a second.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "admin-ui/json.h"

namespace mamba::admin {

class LiveRows {
public:
    // All rows, by name. Names begin anew.
    json::object all(const json::object& rows);
    // The rows and columns in which `now` differs from `before`, which is what was told last; empty when it does not.
    // A row has a value in each of these columns, one that has not changed too. Of rows that have gone nothing is said.
    json::object changes(const json::object& before, const json::object& now);
    // Most of the names are of rows that have gone: all() is due.
    bool is_worn(const json::object& rows) const { return places_.size() > 2 * rows.size() + worn_min; }

private:
    static constexpr std::size_t worn_min = 64;

    // Of `changed`, row by row the columns that matter, whose values are taken from `rows`.
    json::object in_columns(const json::object& changed, const json::object& rows);

    std::map<std::string, std::size_t, std::less<>> places_;
};

}  // namespace mamba::admin
