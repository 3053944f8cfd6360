/** A value that a message shows as this text, not as JSON. */

export class GoText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
