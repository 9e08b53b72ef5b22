import '../shared/page.css';
import { startPage } from '../shared/start';

void startPage('drift', (page, runs) => {
    page.append(String(runs.length));
});
