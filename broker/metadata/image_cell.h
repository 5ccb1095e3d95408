// Hands the newest ClusterImage from the thread that makes it to all threads that read it.
//
// load() is for the occasional reader: a short lock and a counted pointer. A thread that reads on
// every request keeps an ImageReader: it looks at one number that changes only when the metadata
// does, so reading shares no cache line that anybody writes.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "broker/metadata/cluster_image.h"

namespace mamba::broker {

class ImageCell {
public:
    ImageCell() : image_(std::make_shared<const ClusterImage>()) {}

    ClusterImagePtr load() const {
        const std::lock_guard lock(mutex_);
        return image_;
    }
    void store(ClusterImagePtr image) {
        {
            const std::lock_guard lock(mutex_);
            image_.swap(image);
        }  // the old image is let go outside the lock
        version_.fetch_add(1, std::memory_order_release);
    }
    // Rises with every store().
    std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

private:
    mutable std::mutex mutex_;
    ClusterImagePtr image_;
    std::atomic<std::uint64_t> version_{1};
};

// One per reading thread. Borrows the cell.
class ImageReader {
public:
    explicit ImageReader(const ImageCell& cell) : cell_(&cell) {}

    // Valid until the next call. Once a turn is enough: a turn then sees one image throughout.
    const ClusterImage& image() {
        // The version is read first: an image stored in between is fetched again next time.
        const std::uint64_t version = cell_->version();
        if (version != seen_) {
            image_ = cell_->load();
            seen_ = version;
        }
        return *image_;
    }
    const ClusterImagePtr& share() {
        static_cast<void>(image());
        return image_;
    }

private:
    const ImageCell* cell_;
    std::uint64_t seen_ = 0;
    ClusterImagePtr image_;
};

}  // namespace mamba::broker
