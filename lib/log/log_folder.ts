/**
 * Names: of a partition's folder, which a deletion renames, and of the files in it.
 *
 * @module
 */

/** Suffixes of the files that belong to a segment. */
export const LOG_SUFFIX = ".log";
export const OFFSET_INDEX_SUFFIX = ".index";
export const TIME_INDEX_SUFFIX = ".timeindex";
export const TRANSACTION_INDEX_SUFFIX = ".txnindex";
export const SNAPSHOT_SUFFIX = ".snapshot";
/** Put behind the names of files that the cleaner is writing, and of those that are whole and about to take their place. */
export const CLEANED_SUFFIX = ".cleaned";
export const SWAP_SUFFIX = ".swap";
/** Put behind the names of files that are to be removed. */
export const DELETED_SUFFIX = ".deleted";

const OFFSET_DIGITS = 20;

/** Where a partition's files are. */
export class LogFolder {
  #path: string;
  /** What was asked for last: each append asks for the same file. */
  #last = { offset: -1, suffix: "", path: "" };

  constructor(path: string) {
    this.#path = path;
  }

  /** Changes when the folder is renamed. */
  get path(): string {
    return this.#path;
  }

  set path(path: string) {
    this.#path = path;
    this.#last = { offset: -1, suffix: "", path: "" };
  }

  /** The path of a file by its name. */
  file(name: string): string {
    return `${this.path}/${name}`;
  }

  /** The path of a file that is named by an offset. */
  fileOf(offset: number, suffix: string): string {
    const last = this.#last;
    if (last.offset === offset && last.suffix === suffix) return last.path;
    const path = this.file(String(offset).padStart(OFFSET_DIGITS, "0") + suffix);
    this.#last = { offset, suffix, path };
    return path;
  }
}

/** The offset that names a file with that suffix; null for another file. */
export function offsetOfFile(name: string, suffix: string): number | null {
  if (!name.endsWith(suffix)) return null;
  const digits = name.slice(0, -suffix.length);
  if (digits.length !== OFFSET_DIGITS || !/^\d+$/.test(digits)) return null;
  const offset = Number(digits);
  return Number.isSafeInteger(offset) ? offset : null;
}
