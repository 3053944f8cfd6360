/** A mutation failed: the failure policy of its policy decides. */
export class MutationFailed extends Error {
  override name = 'MutationFailed';
}
