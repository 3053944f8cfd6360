/** What keeps a volume from being set up, in the words of upstream's events. */

import type { Volume } from '#api/generated/types.gen.ts';
import { errorText } from '#base/text/error-text.ts';
import { PodRejected, SetupError } from '../runtime/machine.ts';
import { NotMountable } from '../volumes/volume.ts';

export interface FailingVolume {
  /** That of the PersistentVolume, or as the pod calls it. */
  readonly name: string;
  readonly isBlock: boolean;
}

/** Of a claim that is not ready; `name` is that of the volume in the pod. */
export function notProcessed(name: string, error: unknown): SetupError {
  const lists = `unmounted volumes=[${name}], unattached volumes=[], failed to process volumes=[${name}]`;
  return new SetupError('FailedMount', `Unable to attach or mount volumes: ${lists}: ${errorText(error)}`);
}

export function noPlugin({ name: _, ...source }: Volume): Error {
  const kind = Object.keys(source).join();
  return new Error(`no volume plugin matched: volumes of kind ${kind} are not supported by this kubelet`);
}

/** Of the mount that pods share. What says itself how the pod fails is passed on. */
export function deviceFailure({ name, isBlock }: FailingVolume, error: unknown): Error {
  if (error instanceof SetupError || error instanceof PodRejected) return error;
  if (error instanceof NotMountable) return notMountable({ name, isBlock }, error);
  const step = isBlock ? 'MapVolume.SetUpDevice' : 'MountVolume.MountDevice';
  return failure(step, { name, isBlock }, error);
}

/** Of the pod's own mount. */
export function setUpFailure({ name, isBlock }: FailingVolume, error: unknown): SetupError {
  if (error instanceof NotMountable) return notMountable({ name, isBlock }, error);
  return failure(isBlock ? 'MapVolume.MapPodDevice' : 'MountVolume.SetUp', { name, isBlock }, error);
}

function notMountable(volume: FailingVolume, error: NotMountable): SetupError {
  const what = volume.isBlock ? 'MapVolume.NewBlockVolumeMapper' : 'MountVolume.NewMounter';
  return failure(`${what} initialization`, volume, error);
}

function failure(step: string, { name, isBlock }: FailingVolume, error: unknown): SetupError {
  const message = `${step} failed for volume "${name}" : ${errorText(error)}`;
  return new SetupError(isBlock ? 'FailedMapVolume' : 'FailedMount', message);
}
