/** Bounds how many requests are worked on at once; long-running ones are not counted. Limits are upstream's. */

const readOnlyMax = 400;
const mutatingMax = 200;

export class InFlight {
  readOnly = 0;
  mutating = 0;

  /** Returns how to leave, or undefined when there is no room. */
  enter(isMutating: boolean): (() => void) | undefined {
    if (isMutating) {
      if (this.mutating >= mutatingMax) return undefined;
      this.mutating++;
      return () => {
        this.mutating--;
      };
    }
    if (this.readOnly >= readOnlyMax) return undefined;
    this.readOnly++;
    return () => {
      this.readOnly--;
    };
  }
}
