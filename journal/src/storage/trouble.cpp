#include "storage/trouble.hpp"

#include <cerrno>
#include <system_error>

#include <lmdb.h>

namespace quipu::storage {

using journal::failure;

std::string system_text(int error) { return std::system_category().message(error); }

bool out_of_space(int code) { return code == ENOSPC || code == EDQUOT || code == EFBIG; }

namespace {

error_code name_for(int code) {
  if (out_of_space(code)) return error_code::storage_out_of_space;
  switch (code) {
    case MDB_MAP_FULL:
      return error_code::storage_map_full;
    case MDB_BAD_VALSIZE:
    case MDB_TXN_FULL:
      return error_code::storage_limit;
    case EACCES:
    case EPERM:
    case EROFS:
      return error_code::storage_permission;
    case MDB_INVALID:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INCOMPATIBLE:
      return error_code::storage_damaged;
    case MDB_VERSION_MISMATCH:
      return error_code::storage_version;
    case ENOENT:
      return error_code::storage_not_found;
    default:
      return error_code::storage_failed;
  }
}

std::string_view cure_of(int code) {
  if (out_of_space(code))
    return "; make room on the disk (or raise the quota or file size limit), nothing is lost";
  switch (code) {
    case MDB_MAP_FULL:
      return "; raise max_map_size";
    case MDB_READERS_FULL:
      return "; too many readers are open, close some";
    case ENOMEM:
      return "; not enough address space, choose a smaller map_size";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; it cannot be written by this user, mend the permissions";
    case MDB_INVALID:
      return "; it is damaged or no LMDB file, restore a copy";
    case MDB_VERSION_MISMATCH:
      return "; another version of LMDB wrote it or no LMDB at all";
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
      return "; the file is damaged, restore a copy";
    default:
      return "";
  }
}

}  // namespace

failure trouble(int code, const std::filesystem::path& directory, std::string_view what) {
  std::string text = "cannot ";
  text.append(what).append(" in ").append(directory.string()).append(": ");
  text.append(out_of_space(code) ? "out of space: " : "").append(::mdb_strerror(code)).append(cure_of(code));
  return {name_for(code), std::move(text)};
}

}  // namespace quipu::storage
