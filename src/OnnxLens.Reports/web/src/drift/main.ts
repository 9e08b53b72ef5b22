import '../shared/page.css';
import '../shared/report.css';
import { startPage } from '../shared/start';
import { readDrift } from './data';
import { showDrift } from './view';

void startPage('drift', (page, run) => showDrift(page, readDrift(run)));
