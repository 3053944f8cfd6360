/** A mutation that cannot be made: the failure policy of its policy decides. */
export class MutationFailed extends Error {
  override name = 'MutationFailed';
}
