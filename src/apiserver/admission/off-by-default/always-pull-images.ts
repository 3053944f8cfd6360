/** Every image is pulled with the credentials of the pod that wants it. Upstream: AlwaysPullImages, off by default. */

import type { Pod } from '#api/generated/types.gen.ts';
import { forbidden } from '#api/meta/status.ts';
import { fieldErrorMessage, notSupported } from '#api/validation/field-error.ts';
import { type AdmissionAttributes, defineAdmission } from '../../contract/admission.ts';

const always = 'Always';

/** A place that names an image, with its policy. */
interface ImageUse {
  readonly path: string;
  readonly image: string | undefined;
  readonly policy: string | undefined;
  set(policy: string): void;
}

export const alwaysPullImages = defineAdmission({
  name: 'AlwaysPullImages',
  rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], resources: ['pods'] }],
  mutate(attributes) {
    if (hasNoNewImages(attributes)) return;
    for (const use of imageUses(attributes.object as Pod)) use.set(always);
  },
  validate(attributes) {
    if (hasNoNewImages(attributes)) return;
    const { type, name, object } = attributes;
    const bad = imageUses(object as Pod).filter(({ policy }) => policy !== always);
    const errors = bad.map(({ path, policy = '' }) =>
      fieldErrorMessage(notSupported(path, policy, [always])),
    );
    if (errors.length > 0) throw forbidden(type, name, errors[0]!);
  },
});

function imageUses({ spec }: Pod): ImageUse[] {
  const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;
  const containers = lists.flatMap((list) =>
    (spec?.[list] ?? []).map((container, index) => ({
      path: `spec.${list}[${index}].imagePullPolicy`,
      image: container.image,
      policy: container.imagePullPolicy,
      set: (policy: string) => {
        container.imagePullPolicy = policy;
      },
    })),
  );
  const volumes = (spec?.volumes ?? []).flatMap(({ image }, index) => {
    if (!image) return [];
    const set = (policy: string) => {
      image.pullPolicy = policy;
    };
    const path = `spec.volumes[${index}].image.pullPolicy`;
    return [{ path, image: undefined, policy: image.pullPolicy, set }];
  });
  return [...containers, ...volumes];
}

function hasNoNewImages({ operation, object, oldObject }: AdmissionAttributes): boolean {
  if (operation !== 'UPDATE') return false;
  const images = (pod: Pod) => imageUses(pod).flatMap(({ image }) => image ?? []);
  const old = new Set(images(oldObject as Pod));
  return images(object as Pod).every((image) => old.has(image));
}
