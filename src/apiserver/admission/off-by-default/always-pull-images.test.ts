import { pods } from '#api/generated/kinds.gen.ts';
import { newContainer, newPod } from '#testing/objects.ts';
import { testAdmission } from '../../testing/admission.ts';
import { alwaysPullImages } from './always-pull-images.ts';

const pod = (imagePullPolicy: string, image = 'i') =>
  newPod('p', {
    containers: [newContainer({ image, imagePullPolicy })],
    volumes: [{ name: 'v', image: { reference: 'r', pullPolicy: imagePullPolicy } }],
  });
const { spec } = pod('Always');

testAdmission('AlwaysPullImages', () => alwaysPullImages, [
  {
    name: 'a pod with another policy – its images are always pulled',
    type: pods,
    object: pod('IfNotPresent'),
    changes: { spec: { containers: spec!.containers, volumes: spec!.volumes } },
  },
  {
    name: 'an update without new images – nothing changes',
    type: pods,
    operation: 'UPDATE',
    object: pod('Never'),
    old: pod('Never'),
  },
  {
    name: 'an update with a new image – it is always pulled',
    type: pods,
    operation: 'UPDATE',
    object: pod('Always', 'j'),
    old: pod('Never'),
  },
]);

const { mutate: _, ...judge } = alwaysPullImages;

testAdmission('AlwaysPullImages after other plugins', () => judge, [
  {
    name: 'a policy was set again – the pod is refused',
    type: pods,
    object: pod('Never'),
    refusal:
      '403 pods "p" is forbidden: spec.containers[0].imagePullPolicy: Unsupported value: "Never": supported values: "Always"',
  },
]);
