/**
 * Where a process writes its log. Lines that cannot be written, as on a full disk, are dropped and counted: the log
 * neither ends the process nor holds it up.
 */

export class LogOutput {
  readonly #write: (text: string) => void;
  #lostLines = 0;

  /** `write` throws when it could not write everything. */
  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** With its line break. */
  write(line: string): void {
    try {
      this.#write(this.#lostLines > 0 ? `${this.#lostText()}${line}` : line);
      this.#lostLines = 0;
    } catch {
      this.#lostLines++;
    }
  }

  /** The last line may have been written in part. */
  #lostText(): string {
    const fields = { level: 40, count: this.#lostLines, msg: 'lines of this log could not be written' };
    return `\n${JSON.stringify(fields)}\n`;
  }
}
