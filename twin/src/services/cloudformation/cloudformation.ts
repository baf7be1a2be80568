// CloudFormation: an operator reads the outputs of stacks as in the cloud.

import type { Service } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import { createCloudFormationControl } from './control-plane.ts';

export function createCloudFormation(template: Template, bootstrapVersion: () => number): Service {
  return {
    name: 'cloudformation',
    destination: { answer: createCloudFormationControl(template, bootstrapVersion) },
  };
}
