/** A value that a message shows as it is written here, not as JSON of its own. */

export class GoText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
