#include "admin-ui/live_rows.h"

#include <utility>

#include "admin-ui/live_frames.h"

namespace mamba::admin {

json::object LiveRows::all(const json::object& rows) {
    places_.clear();
    return in_columns(rows, rows);
}

json::object LiveRows::changes(const json::object& before, const json::object& now) {
    const json::object changed = changes_between(before, now);
    return changed.empty() ? json::object() : in_columns(changed, now);
}

json::object LiveRows::in_columns(const json::object& changed, const json::object& rows) {
    json::array names;
    json::array places;
    json::object columns;
    for (const auto& [name, fields] : changed) {
        const auto [place, is_new] = places_.try_emplace(std::string(name), places_.size());
        if (is_new) names.push_back(json::value(name));
        places.push_back(place->second);
        for (const auto& field : fields.as_object()) columns[field.key()].emplace_array();
    }
    for (const auto& row : changed) {
        const json::object& values = rows.at(row.key()).as_object();
        for (auto& [name, column] : columns) column.get_array().push_back(values.at(name));
    }
    json::object told{{"rows", std::move(places)}, {"cols", std::move(columns)}};
    if (!names.empty()) told["names"] = std::move(names);
    return told;
}

}  // namespace mamba::admin
