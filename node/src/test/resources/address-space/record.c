/*
 * Runs the statements of a file (mmap, munmap, mprotect, madvise, mremap, mlock, munlock, read and write of one process,
 * in the language of the scenarios) on the running kernel. Prints each with its outcome and the VMAs after it, from
 * /proc/self/smaps. gcc -o record record.c && ./record FILE
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>
#define A 0x100000000000UL
static sigjmp_buf jb; static void h(int s){siglongjmp(jb,s);}
static const char*en(int e){switch(e){case EINVAL:return"EINVAL";case ENOMEM:return"ENOMEM";case EFAULT:return"EFAULT";case EEXIST:return"EEXIST";case EAGAIN:return"EAGAIN";case EPERM:return"EPERM";case EACCES:return "EACCES";case EBUSY:return "EBUSY";}static char b[20];sprintf(b,"E%d",e);return b;}
static int prot(const char*p){int r=0;if(!strcmp(p,"none"))return 0;for(;*p;p++)r|=*p=='r'?1:*p=='w'?2:4;return r;}
static struct{const char*n;int v;}adv[]={{"normal",0},{"random",1},{"sequential",2},{"dontneed",4},{"free",8},{"dontfork",10},{"dofork",11},{"hugepage",14},{"nohugepage",15},{"dontdump",16},{"dodump",17},{"wipeonfork",18},{"keeponfork",19},{"cold",20},{"populate_read",22},{"populate_write",23},{"guard_install",102},{"guard_remove",103},{0,0}};
static void dump(void){FILE*f=fopen("/proc/self/smaps","r");char l[512];int in=0;unsigned long s,e;char pr[8];long rss=0,huge=0;
 while(fgets(l,sizeof l,f)){char*q;if(strchr(l,'-')&&sscanf(l,"%lx-%lx %7s",&s,&e,pr)==3&&strlen(pr)==4){in=s>=A&&s<A+(1UL<<38);if(in){rss=huge=0;}}
 else if(in){if(sscanf(l,"Rss: %ld",&rss)==1);else if(sscanf(l,"AnonHugePages: %ld",&huge)==1);
 else if(!strncmp(l,"VmFlags:",8)){printf("  %lu+%lu ",(s-A)>>12,(e-s)>>12);printf("%c%c%c%c rss=%ld huge=%ld",pr[0],pr[1],pr[2],pr[3],rss/4,huge/4);
  char*fl[]={"ac","dc","dd","gd","gu","hg","lf","lo","nh","nr","rr","sr","wf",0};for(int i=0;fl[i];i++){q=strstr(l+8,fl[i]);if(q)printf(" %s",fl[i]);}printf("\n");}}}
 fclose(f);}
int main(int c,char**v){char l[256];setvbuf(stdout,0,_IOFBF,1<<20);struct sigaction sa={.sa_handler=h,.sa_flags=SA_NODEFER};sigaction(SIGSEGV,&sa,0);sigaction(SIGBUS,&sa,0);
 FILE*in=fopen(v[1],"r");
 while(fgets(l,sizeof l,in)){char*t[16];int n=0;l[strcspn(l,"\n")]=0;printf("%s",l);for(char*p=strtok(l," ");p;p=strtok(0," "))t[n++]=p;t[n]=0;if(n<2){printf("\n");continue;}
  unsigned long s=n>2?A+atol(t[2])*4096UL:0,len=n>3?atol(t[3])*4096UL:0;long r=0;char res[64]="ok";errno=0;
  if(!strcmp(t[1],"mmap")){int fl=MAP_FIXED|MAP_ANONYMOUS|(!strcmp(t[5],"shared")?MAP_SHARED:MAP_PRIVATE);for(int i=7;i<n;i++)fl|=!strcmp(t[i],"noreserve")?MAP_NORESERVE:!strcmp(t[i],"noreplace")?0x100000:!strcmp(t[i],"locked")?MAP_LOCKED:!strcmp(t[i],"growsdown")?MAP_GROWSDOWN:0;
   if(fl&0x100000)fl&=~MAP_FIXED; r=(long)mmap((void*)s,len,prot(t[4]),fl,-1,0);if(r!=-1)r=0;}
  else if(!strcmp(t[1],"munmap"))r=munmap((void*)s,len);
  else if(!strcmp(t[1],"mprotect"))r=mprotect((void*)s,len,prot(t[4]));
  else if(!strcmp(t[1],"mlock"))r=mlock((void*)s,len);
  else if(!strcmp(t[1],"mlock-onfault"))r=mlock2((void*)s,len,1);
  else if(!strcmp(t[1],"munlock"))r=munlock((void*)s,len);
  else if(!strcmp(t[1],"madvise")){int a=-1;for(int i=0;adv[i].n;i++)if(!strcmp(adv[i].n,t[4]))a=adv[i].v;r=madvise((void*)s,len,a);}
  else if(!strcmp(t[1],"mremap")){int fl=0;unsigned long to=0;for(int i=5;i<n;i++){if(!strcmp(t[i],"fixed")){fl|=3;to=A+atol(t[i+1])*4096UL;}if(!strcmp(t[i],"dontunmap"))fl|=4;}
   r=(long)mremap((void*)s,len,atol(t[4])*4096UL,fl,(void*)to);if(r!=-1)r=0;}
  else if(!strcmp(t[1],"read")||!strcmp(t[1],"write")){volatile unsigned long p;int sg;for(p=s;p<s+len;p+=4096){if((sg=sigsetjmp(jb,0))){sprintf(res,"%s@%lu",sg==SIGSEGV?"SIGSEGV":"SIGBUS",(p-A)>>12);break;}if(t[1][0]=='r')(void)*(volatile long*)p;else *(volatile long*)p=1;}}
  if(r)strcpy(res,en(errno));
  printf(" -> %s\n",res);dump();}
 return 0;}
