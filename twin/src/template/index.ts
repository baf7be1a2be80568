// The door to templates: read a cloud assembly and ask for its resources.

export {
  loadAssembly,
  type Stack,
  type StackTemplate,
  templatesEqual,
  UnreadableAssembly,
} from './assembly.ts';
export { inPart, leftOut, type NotModelled } from './not-modelled.ts';
export { twinAccount } from './pseudo-parameters.ts';
export { createTemplate, type Resource, type Template } from './template.ts';
export { covers } from './unread-parts.ts';
