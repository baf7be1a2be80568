export { default } from './jest.config.ts';
